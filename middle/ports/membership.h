#pragma once

// Membership: which middle nodes are alive, so that all of them, each for itself, can tell who is
// to own which partition. It makes the system fast, never right: two nodes that see different
// members take partitions from each other, and the log decides (partition_store.h).
//
// Where the members cannot be asked, ownership freezes: nothing is told, and owners go on.
//
// Threads: calls from any thread; callbacks run on a thread of the membership's choosing, never
// inside the call. Nothing is told after destruction. Errors: kUnavailable may be retried;
// kInvalidArgument: the configuration cannot work.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/function.h"

namespace longwire::middle {

// A middle node. Its address names it: the hash of partitions goes by it, so that a node that is
// started again owns what it owned.
struct Member {
  std::string address;  // "ip:port" of its port for other processes
  std::string life;     // random, of one start of the process
  std::string version;  // of its program, for people

  bool operator==(const Member&) const = default;
};

// As of one moment, in the order of addresses, an address at most once: the one that joined last.
using Members = std::vector<Member>;

// Thread-safe.
class Membership {
 public:
  // Told once after start(), and then after each change. While this node's own lease is over, which
  // it finds out when the members can be asked again, the list is without it, until it has joined
  // anew by itself.
  using Changed = std::function<void(Members members)>;

  virtual ~Membership() = default;  // leaves, like leave()

  // Once. Joins as `self`, unless there is none: then it only watches. `done`: joined, or why not;
  // kUnavailable is tried again behind it, until destruction.
  virtual void start(std::unique_ptr<Member> self, Changed changed, Callback<void> done) = 0;

  // The others need not wait for the end of the lease. A node leaves first, and then gives its
  // partitions away.
  virtual void leave(Callback<void> done) = 0;
};

}  // namespace longwire::middle
