#include "tests/bench/tier_calls/bare_echo.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"
#include "base/net/address.h"

namespace longwire::bench {
namespace {

using net::Descriptor;
using std::chrono::steady_clock;

// A blocking socket of two, and an epoll that waits for it.
class Bare final {
 public:
  explicit Bare(Descriptor socket) : socket_(std::move(socket)), epoll_(::epoll_create1(0)) {
    const int one = 1;
    CHECK(::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
    epoll_event event{};
    event.events = EPOLLIN;
    CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket_.get(), &event) == 0);
  }
  void send() { CHECK(::send(socket_.get(), bytes_, sizeof bytes_, 0) == sizeof bytes_); }
  // False: the other end has gone.
  bool receive() {
    epoll_event event{};
    CHECK(::epoll_wait(epoll_.get(), &event, 1, -1) == 1);
    return ::recv(socket_.get(), bytes_, sizeof bytes_, 0) > 0;
  }

 private:
  Descriptor socket_;
  Descriptor epoll_;
  char bytes_[64] = {};
};

// Blocking, which those of base/net are not.
class Listening final {
 public:
  Listening() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::bind(socket_.get(), place(), size_) == 0);
    CHECK(::listen(socket_.get(), 1) == 0);
    CHECK(::getsockname(socket_.get(), place(), &size_) == 0);
  }
  Descriptor accept() const { return Descriptor(::accept(socket_.get(), nullptr, nullptr)); }
  Descriptor connect() {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    CHECK(::connect(socket.get(), place(), size_) == 0);
    return socket;
  }

 private:
  sockaddr* place() { return reinterpret_cast<sockaddr*>(&address_); }

  Descriptor socket_;
  sockaddr_in address_{};
  socklen_t size_ = sizeof address_;
};

// The other process.
int answer(const Listening& listening) {
  Bare bare(listening.accept());
  while (bare.receive()) bare.send();
  return 0;
}

}  // namespace

std::vector<std::chrono::nanoseconds> echo_bare(std::chrono::seconds duration) {
  Listening listening;
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) ::_exit(answer(listening));
  std::vector<std::chrono::nanoseconds> took;
  {
    Bare bare(listening.connect());
    const auto end = steady_clock::now() + duration;
    for (auto now = steady_clock::now(); now < end; now = steady_clock::now()) {
      bare.send();
      CHECK(bare.receive());
      took.push_back(steady_clock::now() - now);
    }
  }
  ::waitpid(child, nullptr, 0);
  return took;
}

}  // namespace longwire::bench
