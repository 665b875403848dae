#pragma once

// A stream of SET and GET through a router, each key by itself: SET, GET, and whether what comes
// back is what may come back.

#include <functional>
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
  // What must not be: values of another key, not written yet or written over, and error replies.
  std::vector<std::string> wrong;
};

// Whether a key of this name may be served by a replica that has not heard the last SETs.
using MayGoBack = std::function<bool(const std::string& key)>;

// Runs from its making to stop(). All it is given outlives it.
class RedisLoad final {
 public:
  RedisLoad(
      net::LoopThread& thread, storage::redis::Router& router, const std::vector<std::string>& keys,
      const MayGoBack& may_go_back = [](const std::string&) { return false; });
  ~RedisLoad() { stop(); }
  RedisLoad(const RedisLoad&) = delete;
  RedisLoad& operator=(const RedisLoad&) = delete;

  RedisTally tally() { return *tally_.lock(); }
  // Waits for what is on its way.
  void stop();

 private:
  struct Chain {
    std::string key;
    bool may_go_back = false;
    int written = 0;   // the number in the value last sent
    int answered = 0;  // in the last that was answered
  };

  void set(Chain& chain);
  void get(Chain& chain);
  static bool is_right(const Chain& chain, const storage::redis::Reply& reply);
  void next(Chain& chain, const Result<storage::redis::Reply>& reply, bool right);
  void go_on(Chain& chain);

  net::LoopThread& thread_;
  storage::redis::Router& router_;
  std::vector<Chain> chains_;
  Guarded<RedisTally> tally_;
  Guarded<int> running_{0};
  bool stopping_ = false;  // the loop's
};

}  // namespace longwire::test
