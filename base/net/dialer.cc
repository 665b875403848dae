#include "base/net/dialer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/net/socket_address.h"

namespace longwire::net {
namespace {

Error failed(std::string_view call, const Address& address) {
  return {ErrorCode::kUnavailable,
          fmt::format("{} {}: {}", call, address.to_string(), std::strerror(errno))};
}

}  // namespace

Result<Descriptor> connect_tcp(const Address& to, std::string_view source_ip) {
  auto target = to_socket_address(to);
  if (!target) return Error{ErrorCode::kInvalidArgument, to.ip + " is no numeric address"};
  Descriptor socket(
      ::socket(target->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return failed("socket", to);
  if (!source_ip.empty()) {
    const Address near_end{std::string(source_ip), 0};
    auto source = to_socket_address(near_end);
    if (!source) return Error{ErrorCode::kInvalidArgument, near_end.ip + " is no numeric address"};
    // The port is chosen at connect, so that many targets can share it.
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(socket.get(), source->get(), source->size) != 0) return failed("bind", near_end);
  }
  set_stream_options(socket.get());
  if (connect(socket.get(), target->get(), target->size) != 0 && errno != EINPROGRESS) {
    return failed("connect", to);
  }
  return socket;
}

}  // namespace longwire::net
