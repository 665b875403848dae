#pragma once

// A stream of SET and GET through a router, each key by itself: SET, GET, and whether what comes
// back is what may come back.

#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/net/loop_thread.h"
#include "storage/redis/router.h"

namespace longwire::test {

struct RedisTally {
  int answered = 0;  // commands, with what they ought to
  int refused = 0;   // kUnavailable
  int unknown = 0;   // kUnknownOutcome, kDeadlineExceeded
  // What must not be: foreign values, values that were not written yet, error replies.
  std::vector<std::string> wrong;
};

// Runs from its making to stop(). All it is given outlives it.
class RedisLoad final {
 public:
  RedisLoad(net::LoopThread& thread, storage::redis::Router& router, std::vector<std::string> keys);
  ~RedisLoad() { stop(); }
  RedisLoad(const RedisLoad&) = delete;
  RedisLoad& operator=(const RedisLoad&) = delete;

  RedisTally tally() { return *tally_.lock(); }
  // Waits for what is on its way.
  void stop();

 private:
  struct Chain {
    std::string key;
    int written = 0;  // the number in the value last sent
  };

  void set(Chain& chain);
  void get(Chain& chain);
  void next(Chain& chain, const Result<storage::redis::Reply>& reply, bool is_right);
  void go_on(Chain& chain);

  net::LoopThread& thread_;
  storage::redis::Router& router_;
  std::vector<Chain> chains_;
  Guarded<RedisTally> tally_;
  Guarded<int> running_{0};
  bool stopping_ = false;  // the loop's
};

}  // namespace longwire::test
