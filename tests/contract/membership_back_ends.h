#pragma once

// The memberships that the contract suite runs on. ZooKeeper is among them where a server is named:
// zookeeper_test.py brings one up.

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "middle/ports/membership.h"

namespace longwire::test {

inline constexpr char kBehindGate[] = "10.0.0.3:1";

// What one membership has told, each list as "address/life address/life". Thread-safe. Shared by
// the test and callbacks.
class Told final {
 public:
  void add(const middle::Members& members);
  void add(std::string list) { lists_.lock()->push_back(std::move(list)); }
  std::vector<std::string> all() const { return *lists_.lock(); }

 private:
  Guarded<std::vector<std::string>> lists_;
};

// Another process that is a member.
class MemberProcess {
 public:
  virtual ~MemberProcess() = default;  // ends it in good order: it leaves
  virtual Told& told() = 0;
  virtual void kill() = 0;  // with no time for a last word
  virtual void halt() = 0;  // SIGSTOP
  virtual void go_on() = 0;
};

// Bound to the test's thread; the memberships are not.
class MembershipBackEnd {
 public:
  virtual ~MembershipBackEnd() = default;

  virtual std::unique_ptr<middle::Membership> make() = 0;
  // One that cut_off() cuts off; it joins as kBehindGate.
  virtual std::unique_ptr<middle::Membership> make_behind_gate() { return make(); }
  virtual std::unique_ptr<MemberProcess> start_process(const middle::Member& self) = 0;

  // What is behind the gate can ask nobody; its connections are gone.
  virtual void cut_off() {}
  virtual void reconnect() {}
  // Kills who knows the members; the leases are theirs, and kept.
  virtual void stop_servers() {}
  virtual void start_servers() {}
  // Ends the lease of a member that says nothing, where it does not end by itself.
  virtual void end_lease(const std::string& address) { (void)address; }
  // What no lease is shorter than, from the member's last word.
  virtual std::chrono::milliseconds lease_min() const { return std::chrono::milliseconds(0); }
  // Lets callbacks come where they do not come by themselves.
  virtual void pump() {}
};

struct MembershipKind {
  std::string name;
  std::function<std::unique_ptr<MembershipBackEnd>()> make;
};
inline std::ostream& operator<<(std::ostream& out, const MembershipKind& kind) {
  return out << kind.name;
}

// Of all, and of those where members come and go. Of the first, static's two are 10.0.0.1:1 and :2.
std::vector<MembershipKind> membership_back_ends();
std::vector<MembershipKind> membership_back_ends_with_leases();

}  // namespace longwire::test
