#include "daemon/control/control_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/clock.h"
#include "daemon/control/control_socket.h"

namespace longwire::daemon {
namespace {

Error broken(const char* what) {
  return {ErrorCode::kUnknownOutcome, fmt::format("the server closed the connection {}", what)};
}

Status write_all(int socket, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return broken("while the request was sent");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

// True once something can be read; false when `until` has passed.
bool wait_readable(int socket, MonotonicTime until) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - system_clock().monotonic());
    if (left.count() <= 0) return false;
    pollfd entry{socket, POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(left.count()) + 1) > 0) return true;
  }
}

// A frame would carry something else than what was meant.
Status must_be_utf8(const Json& params) {
  try {
    (void)params.dump();
    return {};
  } catch (const Json::type_error&) {
    return Error{ErrorCode::kInvalidArgument, "what was given is not UTF-8"};
  }
}

}  // namespace

std::filesystem::path control_socket_path(const std::filesystem::path& data) {
  return data / "control.sock";
}

Result<std::unique_ptr<ControlClient>> ControlClient::connect(const std::filesystem::path& data) {
  auto socket = connect_control_socket(control_socket_path(data));
  if (!socket.ok()) {
    return Error{
        ErrorCode::kUnavailable,
        fmt::format("no server runs on the data directory {} ({}); start one with: longwire serve "
                    "--data {}",
                    data.string(), socket.error().message, data.string())};
  }
  return std::unique_ptr<ControlClient>(new ControlClient(std::move(*socket)));
}

Result<Json> ControlClient::call(const ControlRequest& request, std::chrono::milliseconds timeout) {
  TRY(must_be_utf8(request.params));
  const MonotonicTime until = system_clock().monotonic() + timeout;
  TRY(write_all(socket_.get(), encode_control_frame(make_control_request(request))));
  Bytes received;
  std::array<char, 16384> buffer{};
  while (true) {
    auto frame = take_control_frame(received, kControlResponseBytesMax);
    if (!frame.ok()) return frame.error();
    if (frame->has_value()) return read_control_response(**frame);
    if (!wait_readable(socket_.get(), until)) {
      return Error{ErrorCode::kDeadlineExceeded, "the server did not answer in time"};
    }
    const ssize_t got = ::read(socket_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return broken("before it answered");
    received.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace longwire::daemon
