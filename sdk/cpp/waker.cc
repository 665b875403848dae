#include "sdk/cpp/waker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"

namespace longwire::sdk {

Waker::Waker() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { CHECK(event_ >= 0); }

Waker::~Waker() { ::close(event_); }

void Waker::wake() {
  const std::uint64_t one = 1;
  // A full counter wakes as well.
  [[maybe_unused]] const ssize_t written = ::write(event_, &one, sizeof one);
}

void Waker::wait(int descriptor, std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> watched{{{.fd = event_, .events = POLLIN, .revents = 0},
                                 {.fd = descriptor, .events = POLLIN, .revents = 0}}};
  const auto limit = std::clamp<std::int64_t>(timeout.count(), 0, 3'600'000);
  ::poll(watched.data(), watched.size(), static_cast<int>(limit));
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(event_, &count, sizeof count);
}

}  // namespace longwire::sdk
