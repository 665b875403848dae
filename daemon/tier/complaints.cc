#include "daemon/tier/complaints.h"

#include <chrono>
#include <utility>

namespace longwire::daemon {
namespace {

constexpr std::chrono::minutes kToldAgainAfter{1};
// Who is more than so many addresses is heard once more for some of them.
constexpr std::size_t kWhoMax = 256;

}  // namespace

Complaints::Complaints(LogSink& log, const Clock& clock, std::string event, std::string role)
    : log_(log, "tier"), clock_(clock), event_(std::move(event)), role_(std::move(role)) {}

void Complaints::add(const std::string& who, const std::string& why) {
  const MonotonicTime now = clock_.monotonic();
  {
    auto complaints = complaints_.lock();
    const auto found = complaints->find(who);
    if (found != complaints->end() && found->second.why == why &&
        now - found->second.told < kToldAgainAfter) {
      return;
    }
    if (found == complaints->end() && complaints->size() >= kWhoMax) complaints->clear();
    (*complaints)[who] = {why, now};
  }
  log_.warn(event_, {{role_, who}, {"why", why}});
}

void Complaints::forget(const std::string& who) { complaints_.lock()->erase(who); }

std::string Complaints::why(const std::string& who) const {
  const auto complaints = complaints_.lock();
  const auto found = complaints->find(who);
  return found == complaints->end() ? std::string() : found->second.why;
}

}  // namespace longwire::daemon
