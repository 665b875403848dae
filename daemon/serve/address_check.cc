#include "daemon/serve/address_check.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "base/net/address.h"

namespace longwire::daemon {
namespace {

using Resolved = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

// An address without ip stands for all interfaces, of both families.
Resolved resolve(const net::Address& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(address.ip.empty() ? nullptr : address.ip.c_str(),
                                    std::to_string(address.port).c_str(), &hints, &found);
  // What is wrong with an address is told by the listener.
  return {failure == 0 ? found : nullptr, &::freeaddrinfo};
}

// Without SO_REUSEPORT a bind fails where anybody listens; connections that linger do not count.
bool is_taken(const addrinfo& address) {
  net::Descriptor probe(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe.valid()) return false;
  const int on = 1;
  ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.ai_family == AF_INET6) {
    ::setsockopt(probe.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  return ::bind(probe.get(), address.ai_addr, address.ai_addrlen) != 0 && errno == EADDRINUSE;
}

Status check_one(const ListenKey& listen) {
  const auto address = net::parse_address(listen.value);
  if (!address.ok()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: {}", listen.key, address.error().message)};
  }
  if (address->port == 0) return {};
  const Resolved resolved = resolve(*address);
  for (const addrinfo* entry = resolved.get(); entry != nullptr; entry = entry->ai_next) {
    if (!is_taken(*entry)) continue;
    return Error{ErrorCode::kAlreadyExists,
                 fmt::format("{} is {}, but somebody listens there already; choose another with "
                             "--set {}=ADDRESS:PORT, or in the configuration file",
                             listen.key, listen.value, listen.key)};
  }
  return {};
}

}  // namespace

Status check_addresses_free(const std::vector<ListenKey>& keys) {
  for (const ListenKey& key : keys) {
    if (!key.value.empty()) TRY(check_one(key));
  }
  return {};
}

}  // namespace longwire::daemon
