#include "channels/handler/breaker.h"

#include <algorithm>

namespace longwire::channels {
namespace {

constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::int64_t kDoublingsMax = 10;

}  // namespace

void Breaker::failed() { failures_ = std::min(failures_ + 1, failures_max_); }

std::chrono::milliseconds Breaker::pause() const {
  if (broken()) return pause_max_;
  const std::int64_t doublings = std::clamp<std::int64_t>(failures_ - 1, 0, kDoublingsMax);
  return std::min(kFirstPause * (std::int64_t{1} << doublings), pause_max_);
}

}  // namespace longwire::channels
