#pragma once

// A server that speaks Redis' protocol and says what a test tells it to: truths, lies, nothing.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/net/connection.h"
#include "base/net/listener.h"
#include "base/net/loop_thread.h"

namespace longwire::test {

// Thread-safe.
class FakeRedis final {
 public:
  using Words = std::vector<std::string>;
  // What is sent for a command: any bytes, where "{port}" stands for the server's own, or none at
  // all. Nothing: the connection is closed.
  using Script = std::function<std::optional<std::string>(const Words& words)>;

  // Greets and has no cluster support where `script` does not say otherwise: it is asked first, and
  // answers "?" for the rest. Called on a thread of its own.
  explicit FakeRedis(Script script);
  ~FakeRedis();
  FakeRedis(const FakeRedis&) = delete;
  FakeRedis& operator=(const FakeRedis&) = delete;

  std::string address() const { return listener_->address().to_string(); }
  std::string port() const { return std::to_string(listener_->address().port); }
  // How often a command of this name came.
  int count(const std::string& name) const;
  // All commands, with their words, one after the other.
  std::vector<std::string> heard() const { return *heard_.lock(); }
  int connections() const { return *accepted_.lock(); }

 private:
  class Peer;

  std::optional<std::string> answer(const Words& words);
  std::optional<std::string> with_port(std::optional<std::string> reply) const;

  const Script script_;
  Guarded<std::vector<std::string>> heard_;
  Guarded<int> accepted_{0};
  net::LoopThread thread_{"fake-redis"};
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Peer>> peers_;  // kept to the end: tests have few
};

}  // namespace longwire::test
