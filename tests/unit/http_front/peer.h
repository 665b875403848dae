#pragma once

// The far end of a real connection over loopback, in the hands of a test's own thread.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/net/connection.h"
#include "base/net/dialer.h"
#include "base/net/loop_thread.h"

namespace longwire::http::test {

// One connection of a peer; everything waits for at most ten seconds. Thread-safe.
class Peer final : public net::ConnectionHandler {
 public:
  Peer(net::LoopThread& thread, const net::Address& to, std::unique_ptr<net::TlsSession> tls)
      : thread_(thread) {
    auto socket = net::connect_tcp(to);
    EXPECT_TRUE(socket.ok());
    thread_.call([&] {
      connection_ = std::make_unique<net::Connection>(
          thread_.loop(), std::move(*socket), to, net::ConnectionLimits{}, std::move(tls), *this);
    });
  }
  ~Peer() override {
    thread_.call([this] { connection_.reset(); });
  }

  void say(const std::string& bytes) {
    thread_.call([&] { connection_->write(bytes); });
  }
  // All that was heard, once it holds `text`.
  std::string hear(const std::string& text) {
    wait([&] { return heard_.find(text) != std::string::npos; });
    return heard_;
  }
  bool closes() {
    return wait([&] { return closed_; });
  }

 private:
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), condition);
  }
  void on_data(net::Connection&, BytesView data) override {
    const std::lock_guard lock(mutex_);
    heard_ += data;
    changed_.notify_all();
  }
  void on_closed(net::Connection&, net::CloseReason) override {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  net::LoopThread& thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string heard_;
  bool closed_ = false;
  std::unique_ptr<net::Connection> connection_;
};

}  // namespace longwire::http::test
