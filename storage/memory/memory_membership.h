#pragma once

// Memberships without a server: a list that never changes, and one in memory for tests and the
// simulation.
//
// Callbacks are posted to the executor given, which outlives the membership. Destroyed on that
// executor's thread, or when nothing runs there any more: then nothing is told after it, an answer
// that is still on its way included.

#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "middle/ports/membership.h"

namespace longwire::storage {

// Tells these addresses once, whoever of them is alive. Only its own member has a life and a
// version, and must be among them: else kInvalidArgument. leave() tells nobody.
std::unique_ptr<middle::Membership> make_static_membership(Executor& executor,
                                                           std::vector<std::string> addresses);

// The members that several memberships share. Leases do not end by themselves: a test ends them.
// Thread-safe.
class InMemoryMembers final {
 public:
  InMemoryMembers();
  ~InMemoryMembers();
  InMemoryMembers(const InMemoryMembers&) = delete;
  InMemoryMembers& operator=(const InMemoryMembers&) = delete;

  // The lease of this member is over: the others are told at once. It finds out when it can ask,
  // and joins anew. A membership that was destroyed while it was cut off is a member until then.
  void expire(const std::string& address);
  // Whoever has this address, now or later, learns nothing and can do nothing until it is connected
  // again.
  void cut_off(const std::string& address);
  void reconnect(const std::string& address);
  // The same for all of them, those that only watch included, present and to come.
  void cut_off_all();
  void reconnect_all();

 private:
  friend class MemoryMembership;
  struct State;
  const std::unique_ptr<State> state_;
};

// Shared: what is left of a membership that was cut off is in it. Every change is told, one by one.
std::unique_ptr<middle::Membership> make_memory_membership(
    Executor& executor, std::shared_ptr<InMemoryMembers> members);

}  // namespace longwire::storage
