#include "tests/contract/tcp_gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/check.h"

namespace longwire::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

TcpGate::TcpGate(const std::string& server) {
  const auto colon = server.rfind(':');
  CHECK(server.substr(0, colon) == "127.0.0.1");
  server_port_ = static_cast<std::uint16_t>(std::stoi(server.substr(colon + 1)));
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  CHECK(::bind(listening_, generic, size) == 0);
  CHECK(::listen(listening_, 64) == 0);
  CHECK(::getsockname(listening_, generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

TcpGate::~TcpGate() {
  is_ending_ = true;
  shut();
  thread_.join();
  ::close(listening_);
  ::close(wake_);
}

void TcpGate::shut() {
  is_shut_ = true;
  CHECK(::eventfd_write(wake_, 1) == 0);
}

void TcpGate::run() {
  while (!is_ending_) {
    std::vector<pollfd> wait = {{wake_, POLLIN, 0}, {listening_, POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      wait.push_back({pair.client, POLLIN, 0});
      wait.push_back({pair.server, POLLIN, 0});
    }
    CHECK(::poll(wait.data(), wait.size(), -1) > 0);
    std::vector<Pair> alive;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const auto [client, server] = pairs_[i];
      const bool good = (wait[2 + 2 * i].revents == 0 || carry(client, server)) &&
                        (wait[3 + 2 * i].revents == 0 || carry(server, client));
      if (good) {
        alive.push_back(pairs_[i]);
      } else {
        ::close(client);
        ::close(server);
      }
    }
    pairs_ = std::move(alive);
    eventfd_t ignored = 0;
    if (wait[0].revents != 0) ::eventfd_read(wake_, &ignored);
    if (is_shut_) cut_all();
    if (wait[1].revents != 0) accept_one();
  }
  cut_all();
}

void TcpGate::accept_one() {
  const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(server_port_);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (is_shut_ || ::connect(server, generic, sizeof address) != 0) {
    ::close(client);
    ::close(server);
  } else {
    pairs_.push_back({client, server});
  }
}

bool TcpGate::carry(int from, int to) const {
  std::array<char, 65536> buffer;
  const ssize_t size = ::read(from, buffer.data(), buffer.size());
  return size > 0 &&
         ::send(to, buffer.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
}

void TcpGate::cut_all() {
  for (const auto& [client, server] : pairs_) {
    ::close(client);
    ::close(server);
  }
  pairs_.clear();
}

}  // namespace longwire::test
