#include "middle/limit/app_limits.h"

#include <cstdio>
#include <utility>

namespace longwire::middle {
namespace {
constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000;
}

std::int64_t day_of(Timestamp time) { return time.ms / kDayMs; }

std::string day_name(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

AppLimits::Use& AppLimits::use(const AppId& app, Timestamp now, MonotonicTime monotonic) {
  auto found = apps_.find(app);
  if (found == apps_.end()) {
    const TokenBucket bucket(static_cast<double>(sends_per_second_), monotonic);
    found = apps_.emplace(app, Use{bucket, day_of(now), 0, 0}).first;
  }
  Use& use = found->second;
  if (use.day < day_of(now)) {
    if (use.unflushed > 0) of_ended_days_.push_back({app, day_name(use.day), use.unflushed});
    use.day = day_of(now);
    use.sent_today = use.unflushed = 0;
  }
  return use;
}

Status AppLimits::take(const AppId& app, Timestamp now, MonotonicTime monotonic) {
  Use& app_use = use(app, now, monotonic);
  if (app_use.sent_today >= static_cast<std::uint64_t>(sends_per_day_)) {
    return Error{ErrorCode::kResourceExhausted, "the app's quota of this day is used up",
                 std::chrono::milliseconds((app_use.day + 1) * kDayMs - now.ms)};
  }
  if (const auto wait = app_use.bucket.take(1, monotonic); wait.count() > 0) {
    return Error{ErrorCode::kResourceExhausted, "the app sends too fast", wait};
  }
  ++app_use.sent_today;
  ++app_use.unflushed;
  return {};
}

void AppLimits::give_back(const AppId& app, Timestamp now) {
  const auto found = apps_.find(app);
  if (found == apps_.end() || found->second.day != day_of(now)) return;
  Use& use = found->second;
  if (use.sent_today > 0) --use.sent_today;
  // What was told to the directory already stays there.
  if (use.unflushed > 0) --use.unflushed;
}

void AppLimits::restore(const AppId& app, Timestamp now, std::uint64_t sent) {
  use(app, now, MonotonicTime{}).sent_today += sent;
}

void AppLimits::learn(const AppId& app, const std::string& day, std::uint64_t total) {
  const auto found = apps_.find(app);
  if (found == apps_.end() || day_name(found->second.day) != day) return;
  Use& use = found->second;
  use.sent_today = std::max(use.sent_today, total + use.unflushed);
}

std::vector<AppLimits::Sent> AppLimits::take_sent() {
  std::vector<Sent> sent = std::exchange(of_ended_days_, {});
  for (auto& [app, use] : apps_) {
    if (use.unflushed > 0) sent.push_back({app, day_name(use.day), use.unflushed});
    use.unflushed = 0;
  }
  return sent;
}

}  // namespace longwire::middle
