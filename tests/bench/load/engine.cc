#include "tests/bench/load/engine.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace longwire::bench {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "load: %s: %s\n", what, std::strerror(errno));
  std::exit(2);
}

// One source address holds some 28,000 ports: spread over several.
void bind_to_some_source(int fd) {
  static std::uint32_t next = 0;
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(0x7F000001U + (next++ % 8));
  const int one = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind(fd, reinterpret_cast<sockaddr*>(&source), sizeof source) != 0) give_up("bind");
}

}  // namespace

TlsClient::~TlsClient() { close(); }

void TlsClient::connect(std::uint16_t port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) give_up("socket");
  bind_to_some_source(fd_);
  const int one = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    give_up("connect");
  ssl_ = SSL_new(engine_.context_);
  SSL_set_fd(ssl_, fd_);
  SSL_set_connect_state(ssl_);
  SSL_set_tlsext_host_name(ssl_, "localhost");
  if (!alpn_.empty()) {
    const std::string wire = static_cast<char>(alpn_.size()) + alpn_;
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(wire.data()),
                        static_cast<unsigned>(wire.size()));
  }
  established_ = false;
  writing_ = true;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = this;
  if (epoll_ctl(engine_.epoll_, EPOLL_CTL_ADD, fd_, &event) != 0) give_up("epoll_ctl");
}

void TlsClient::send(std::string_view bytes) {
  if (fd_ < 0) return;
  if (!unsent_.empty() || !established_) {
    unsent_.append(bytes);
    return;
  }
  const int sent = SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  if (sent == static_cast<int>(bytes.size())) return;
  unsent_.append(bytes);
  want_write(true);
}

void TlsClient::close() {
  if (fd_ < 0) return;
  SSL_free(ssl_);
  ssl_ = nullptr;
  ::close(fd_);
  fd_ = -1;
  unsent_.clear();
  unsent_.shrink_to_fit();
}

void TlsClient::fail() {
  ERR_clear_error();
  close();
  on_closed();
}

void TlsClient::want_write(bool on) {
  if (writing_ == on) return;
  writing_ = on;
  epoll_event event{};
  event.events = on ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = this;
  epoll_ctl(engine_.epoll_, EPOLL_CTL_MOD, fd_, &event);
}

void TlsClient::on_event(std::uint32_t events) {
  if (fd_ < 0) return;
  if (!established_) {
    handshake();
    if (!established_) return;
  }
  if ((events & EPOLLOUT) != 0) flush();
  if (fd_ >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_all();
}

void TlsClient::handshake() {
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    established_ = true;
    on_connected();
    flush();
    return;
  }
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_WANT_READ) return want_write(false);
  if (error == SSL_ERROR_WANT_WRITE) return want_write(true);
  fail();
}

void TlsClient::flush() {
  while (fd_ >= 0 && !unsent_.empty()) {
    const int sent = SSL_write(ssl_, unsent_.data(), static_cast<int>(unsent_.size()));
    if (sent <= 0) return want_write(true);
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  if (fd_ >= 0) want_write(false);
}

void TlsClient::read_all() {
  static std::array<char, 65536> buffer;
  while (fd_ >= 0) {
    const int got = SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0) {
      on_bytes({buffer.data(), static_cast<std::size_t>(got)});
      continue;
    }
    const int error = SSL_get_error(ssl_, got);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
    return fail();
  }
}

Engine::Engine()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE,
                     nullptr);  // the server's CPU is measured, not trust
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_ciphersuites(context_, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set1_groups_list(context_, "X25519");
}

Engine::~Engine() {
  SSL_CTX_free(context_);
  ::close(epoll_);
}

void Engine::turn(int timeout_ms) {
  std::array<epoll_event, 512> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    static_cast<TlsClient*>(event.data.ptr)->on_event(event.events);
  }
}

bool Engine::run_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const Instant end = now() + limit;
  while (!done()) {
    if (now() >= end) return false;
    turn(1);
  }
  return true;
}

}  // namespace longwire::bench
