#pragma once

// The vocabulary of the connection tests: a Connection on a loop of its own, and a peer that is a
// plain blocking socket of the test's thread.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>

#include "base/net/connection.h"
#include "base/net/listener.h"
#include "base/net/loop_thread.h"
#include "base/net/socket_address.h"

namespace longwire::net {

// Remembers what it is told; the test's thread waits for it.
class Recorder final : public ConnectionHandler {
 public:
  struct Seen {
    Bytes data;
    bool established = false;
    int blocked = 0;
    int resumed = 0;
    int closed = 0;
    CloseReason reason = CloseReason::kLocal;
  };

  void on_tls_established(Connection&) override {
    note([](Seen& seen) { seen.established = true; });
  }
  void on_data(Connection& connection, BytesView data) override {
    if (react) react(connection, data);
    note([data](Seen& seen) { seen.data.append(data); });
  }
  void on_write_blocked(Connection&) override {
    note([](Seen& seen) { ++seen.blocked; });
  }
  void on_write_resumed(Connection&) override {
    note([](Seen& seen) { ++seen.resumed; });
  }
  void on_closed(Connection&, CloseReason reason) override {
    note([reason](Seen& seen) {
      ++seen.closed;
      seen.reason = reason;
    });
  }

  // What was seen once `done` held; fails the test after a generous while.
  Seen wait(const std::function<bool(const Seen&)>& done) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return done(seen_); }));
    return seen_;
  }
  Bytes wait_data(std::size_t size) {
    return wait([size](const Seen& seen) { return seen.data.size() >= size; }).data;
  }
  CloseReason wait_closed() {
    return wait([](const Seen& seen) { return seen.closed > 0; }).reason;
  }
  Seen seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  std::function<void(Connection&, BytesView)> react;  // set before there is data

 private:
  template <typename Change>
  void note(Change change) {
    const std::lock_guard lock(mutex_);
    change(seen_);
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  Seen seen_;
};

class ConnectionTest : public testing::Test {
 protected:
  ~ConnectionTest() override {
    thread_.call([this] {
      connection_.reset();
      listener_.reset();
    });
  }

  // Connects the peer; the connection is there when this returns.
  void connect(ConnectionLimits limits = {}, std::unique_ptr<TlsSession> tls = nullptr) {
    listener_ = Listener::open(thread_.loop(), {"127.0.0.1", 0}).value();
    std::promise<void> accepted;
    thread_.call([&] {
      listener_->start([&, limits](Descriptor socket, Address peer) {
        connection_ = std::make_unique<Connection>(
            thread_.loop(), std::move(socket), std::move(peer), limits, std::move(tls), server_);
        accepted.set_value();
      });
    });
    auto address = *to_socket_address(listener_->address());
    peer_ = Descriptor(::socket(AF_INET, SOCK_STREAM, 0));
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(peer_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(peer_.get(), address.get(), address.size), 0);
    accepted.get_future().wait();
  }

  void in_loop(Task task) { EXPECT_TRUE(thread_.call(std::move(task))); }

  void write(BytesView text) {
    in_loop([this, text] { connection_->write(text); });
  }

  void peer_sends(BytesView text) {
    EXPECT_EQ(::send(peer_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  // One recv(); empty at the end of the stream, nothing at an error.
  std::optional<Bytes> peer_receives_some() {
    char buffer[65536];
    const ssize_t got = ::recv(peer_.get(), buffer, sizeof buffer, 0);
    if (got < 0) return std::nullopt;
    return Bytes(buffer, static_cast<std::size_t>(got));
  }

  Bytes peer_receives(std::size_t size) {
    Bytes out;
    while (out.size() < size) {
      const auto some = peer_receives_some();
      if (!some || some->empty()) break;
      out += *some;
    }
    return out;
  }

  // All up to an orderly end; nothing if the stream was reset.
  std::optional<Bytes> peer_receives_all() {
    Bytes out;
    for (;;) {
      const auto some = peer_receives_some();
      if (!some) return std::nullopt;
      if (some->empty()) return out;
      out += *some;
    }
  }

  void peer_resets() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(peer_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    peer_.reset();
  }

  Recorder server_;
  Descriptor peer_;
  LoopThread thread_{"test"};
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace longwire::net
