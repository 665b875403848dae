#include "daemon/workers/worker_seat.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace longwire::daemon {
namespace {

constexpr int kFirstOther = 3;  // behind stdin, stdout, stderr

std::optional<int> read_number(std::string_view text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::optional<std::pair<int, int>> read_pair(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto plain = read_number(text.substr(0, comma));
  const auto secured = read_number(text.substr(comma + 1));
  if (!plain || !secured) return std::nullopt;
  return std::pair(*plain, *secured);
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(';');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Error bad_seat(std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("--worker {}: a supervisor's own, not for people", text)};
}

void close_others(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  int next = kFirstOther;
  for (const int kept : keep) {
    if (kept > next) ::close_range(static_cast<unsigned>(next), static_cast<unsigned>(kept - 1), 0);
    next = kept + 1;
  }
  ::close_range(static_cast<unsigned>(next), std::numeric_limits<unsigned>::max(), 0);
}

}  // namespace

std::string SeatNumbers::to_text() const {
  std::string text = fmt::format("{};{}", number, control);
  for (const auto& [plain, secured] : sockets) text += fmt::format(";{},{}", plain, secured);
  return text;
}

std::vector<int> SeatNumbers::descriptors() const {
  std::vector<int> all = {control};
  for (const auto& [plain, secured] : sockets) {
    all.push_back(plain);
    all.push_back(secured);
  }
  return all;
}

Result<SeatNumbers> read_seat(std::string_view text) {
  const auto parts = parts_of(text);
  if (parts.size() < 3) return bad_seat(text);
  const auto number = read_number(parts[0]);
  const auto control = read_number(parts[1]);
  if (!number || !control) return bad_seat(text);
  SeatNumbers seat{*number, *control, {}};
  for (std::size_t i = 2; i < parts.size(); ++i) {
    const auto pair = read_pair(parts[i]);
    if (!pair) return bad_seat(text);
    seat.sockets.push_back(*pair);
  }
  return seat;
}

Result<WorkerSeat> take_seat(std::string_view text) {
  const auto numbers = read_seat(text);
  if (!numbers.ok()) return numbers.error();
  // One that died in between has closed its end of the control connection: that ends us, too.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  close_others(numbers->descriptors());
  for (const int descriptor : numbers->descriptors()) {
    if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) return bad_seat(text);
  }
  WorkerSeat seat{numbers->number, net::Descriptor(numbers->control), {}};
  for (const auto& [plain, secured] : numbers->sockets) {
    seat.sockets.push_back({net::Descriptor(plain), net::Descriptor(secured)});
  }
  return seat;
}

}  // namespace longwire::daemon
