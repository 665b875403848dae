#pragma once

// Calls: commands on their way, and all of them in the order of their deadlines. Private to this
// folder.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "storage/redis/router.h"

namespace longwire::storage::redis {

// A command on its way. Held by one at a time: a node (queued, or handed to the library), or the
// router's list of what waits. Who meets a call whose `done` is empty lets it go: its deadline
// passed, the caller was told.
struct Call {
  static constexpr std::uint16_t kAnySlot = 0xFFFF;

  Command command;
  Callback<Reply> done;
  MonotonicTime deadline{0};
  MonotonicTime not_before{0};  // of the next try, while it waits
  std::uint16_t slot = kAnySlot;
  int hops = 0;         // redirections and repeats so far
  bool asking = false;  // to be sent behind ASKING, once
  bool sent = false;  // may have been done: it was handed to a connection, and no answer denied it
  bool pinned = false;  // is for the node it was given to, and nobody else

  // The table's: neighbours among those whose deadline is still to come.
  Call* earlier = nullptr;
  Call* later = nullptr;
};

// Owns the calls. Loop-bound.
class CallTable final {
 public:
  // `deadline` is not before that of any call added earlier.
  Call& add(Command&& command, Callback<Reply>&& done, MonotonicTime deadline);
  // The call's `done`, which is then empty; it no longer has a deadline.
  Callback<Reply> take_done(Call& call);
  // The end of a call without `done`.
  void remove(Call& call);

  Call* earliest() const { return first_; }  // null: none waits for an answer
  std::size_t size() const { return all_.size() - free_.size(); }

 private:
  void link(Call& call);
  void unlink(Call& call);

  std::vector<std::unique_ptr<Call>> all_;
  std::vector<Call*> free_;
  Call* first_ = nullptr;
  Call* last_ = nullptr;
};

}  // namespace longwire::storage::redis
