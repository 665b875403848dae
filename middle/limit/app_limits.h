#pragma once

// AppLimits: what an app may send: a rate, and a quota per day. What is refused is refused before
// it is accepted, with a reason and a time to retry.
//
// Limits: apps are few (they are all in memory).

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "middle/limit/token_bucket.h"
#include "middle/model/ids.h"

namespace longwire::middle {

// Loop-bound.
class AppLimits final {
 public:
  AppLimits(std::int64_t sends_per_second, std::int64_t sends_per_day)
      : sends_per_second_(sends_per_second), sends_per_day_(sends_per_day) {}

  // kResourceExhausted with retry_after.
  Status take(const AppId& app, Timestamp now, MonotonicTime monotonic);

  // One that was taken has sent nothing: it was refused, or a repeat. Its day's quota is as before;
  // the rate counts what is asked.
  void give_back(const AppId& app, Timestamp now);

  // What was sent of this day before a restart.
  void restore(const AppId& app, Timestamp now, std::uint64_t sent);
  // What all nodes sent of `day`, as the directory has it: what take_sent() gave included.
  void learn(const AppId& app, const std::string& day, std::uint64_t total);
  // Sent since the last call, by app and day ("2026-11-21"): for the directory's counters.
  struct Sent {
    AppId app;
    std::string day;
    std::uint64_t count = 0;
  };
  std::vector<Sent> take_sent();

 private:
  struct Use {
    TokenBucket bucket;
    std::int64_t day = 0;
    std::uint64_t sent_today = 0;
    std::uint64_t unflushed = 0;
  };
  Use& use(const AppId& app, Timestamp now, MonotonicTime monotonic);

  const std::int64_t sends_per_second_;
  const std::int64_t sends_per_day_;
  std::unordered_map<AppId, Use> apps_;
  std::vector<Sent> of_ended_days_;
};

// "2026-11-21", UTC.
std::string day_name(std::int64_t day);
std::int64_t day_of(Timestamp time);

}  // namespace longwire::middle
