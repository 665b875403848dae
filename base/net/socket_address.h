#pragma once

// Between Address and the system's socket addresses. Inside of base/net; nothing else includes it.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <optional>

#include "base/net/address.h"

namespace longwire::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// Nothing where `ip` is neither a numeric address nor the path of a socket.
std::optional<SocketAddress> to_socket_address(const Address& address);

// An IPv4 peer of an IPv6 socket is shown as IPv4; one of this machine without its path.
Address from_socket_address(const sockaddr_storage& storage);

// What every TCP stream of ours has: no delay, keep-alive, a user timeout of 60 s.
void set_stream_options(int descriptor);

}  // namespace longwire::net
