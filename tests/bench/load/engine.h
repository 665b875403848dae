#pragma once

// The load generator's own reactor: one thread, one epoll, thousands of TLS clients. It shares
// nothing with the server's loop on purpose: a fault of one must not hide in the other.

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace longwire::bench {

using Instant = std::chrono::steady_clock::time_point;
inline Instant now() { return std::chrono::steady_clock::now(); }

class Engine;

// A TLS connection to 127.0.0.1. Subclasses get decrypted bytes. Loop-bound to its Engine.
class TlsClient {
 public:
  TlsClient(Engine& engine, std::string alpn) : engine_(engine), alpn_(std::move(alpn)) {}
  virtual ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Ends the process with a message where the machine refuses (descriptors, ports).
  void connect(std::uint16_t port);
  void send(std::string_view bytes);
  void close();  // abrupt, as a lost network does
  bool is_open() const { return fd_ >= 0; }

 protected:
  virtual void on_connected() = 0;  // TLS is up
  virtual void on_bytes(std::string_view bytes) = 0;
  virtual void on_closed() {}  // by the peer, or an error
  Engine& engine() { return engine_; }

 private:
  friend class Engine;
  void on_event(std::uint32_t events);
  void handshake();
  void read_all();
  void flush();
  void want_write(bool on);
  void fail();

  Engine& engine_;
  std::string alpn_;
  std::string unsent_;
  SSL* ssl_ = nullptr;
  int fd_ = -1;
  bool established_ = false;
  bool writing_ = false;
};

class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Serves events until `done` says so (asked after every turn) or `limit` has passed; true: done.
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit);

  SSL_CTX* context() { return context_; }

 private:
  friend class TlsClient;
  void turn(int timeout_ms);
  int epoll_ = -1;
  SSL_CTX* context_ = nullptr;
};

}  // namespace longwire::bench
