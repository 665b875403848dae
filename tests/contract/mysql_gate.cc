#include "tests/contract/mysql_gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

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

std::string read_some(int from) {
  std::array<char, 65536> buffer;
  const ssize_t size = ::read(from, buffer.data(), buffer.size());
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

bool write_all(int to, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t size = ::send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size <= 0) return false;
    sent += static_cast<std::size_t>(size);
  }
  return true;
}

}  // namespace

MySqlGate::MySqlGate(const std::string& server) {
  const auto colon = server.rfind(':');
  CHECK(server.substr(0, colon) == "127.0.0.1");
  server_port_ = static_cast<std::uint16_t>(std::stoi(server.substr(colon + 1)));
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  CHECK(::bind(listening_, generic, size) == 0);
  CHECK(::listen(listening_, 64) == 0);
  CHECK(::getsockname(listening_, generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

MySqlGate::~MySqlGate() {
  release(false);
  CHECK(::eventfd_write(stop_, 1) == 0);
  acceptor_.join();
  for (std::thread& thread : std::exchange(state_.lock()->threads, {})) thread.join();
  ::close(listening_);
  ::close(stop_);
}

void MySqlGate::release(bool carry_out) {
  state_.lock()->held = carry_out ? Held::kCarryOut : Held::kDrop;
  changed_.notify_all();
}

void MySqlGate::accept_all() {
  for (;;) {
    pollfd wait[] = {{listening_, POLLIN, 0}, {stop_, POLLIN, 0}};
    CHECK(::poll(wait, 2, -1) > 0);
    if (wait[1].revents != 0) return;
    const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    ++connections_;
    if (shut_) {
      ::close(client);
    } else {
      state_.lock()->threads.emplace_back([this, client] { carry(client); });
    }
  }
}

void MySqlGate::carry(int client) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(server_port_);
  const int on = 1;
  ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bool done = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0;
  while (!done) {
    pollfd wait[] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_, POLLIN, 0}};
    CHECK(::poll(wait, 3, -1) > 0);
    if (wait[2].revents != 0) break;
    if (wait[0].revents != 0) done = from_client(client, server);
    if (!done && wait[1].revents != 0) {
      const std::string bytes = read_some(server);
      done = bytes.empty() || !write_all(client, bytes);
    }
  }
  ::close(client);
  ::close(server);
}

bool MySqlGate::from_client(int client, int server) {
  const std::string bytes = read_some(client);
  if (bytes.empty()) return true;
  switch (take_fault(bytes)) {
    case Fault::kNone:
      return !write_all(server, bytes);
    case Fault::kCutBefore:
      break;
    case Fault::kCutAfter:
      if (write_all(server, bytes)) read_some(server);
      break;
    case Fault::kHold:
      hold(client, server, bytes);
      break;
  }
  ++faults_;
  return true;
}

void MySqlGate::hold(int client, int server, const std::string& bytes) {
  bool carry_out = false;
  {
    auto state = state_.lock();
    state->held = Held::kYes;
    ::shutdown(client, SHUT_RDWR);
    changed_.wait(state.mutex_lock(), [&] { return state->held != Held::kYes; });
    carry_out = std::exchange(state->held, Held::kNo) == Held::kCarryOut;
  }
  if (carry_out && write_all(server, bytes)) read_some(server);
}

MySqlGate::Fault MySqlGate::take_fault(const std::string& bytes) {
  constexpr char kQueryCommit[] = "\3COMMIT";  // COM_QUERY, text
  if (bytes.find(kQueryCommit) == std::string::npos) return Fault::kNone;
  return std::exchange(state_.lock()->fault, Fault::kNone);
}

}  // namespace longwire::test
