#pragma once

// A gate before a server: carries bytes both ways, or lets nobody through.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace longwire::test {

// Thread-safe.
class TcpGate final {
 public:
  explicit TcpGate(const std::string& server);  // "127.0.0.1:port"
  ~TcpGate();
  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // Shut: connections are cut, and new ones closed at once.
  void shut();
  void open() { is_shut_ = false; }

 private:
  struct Pair {
    int client;
    int server;
  };
  void run();
  void accept_one();
  bool carry(int from, int to) const;
  void cut_all();

  std::uint16_t server_port_ = 0;
  int listening_ = -1;
  int wake_ = -1;  // an eventfd
  std::uint16_t port_ = 0;
  std::atomic<bool> is_shut_ = false;
  std::atomic<bool> is_ending_ = false;
  std::vector<Pair> pairs_;  // of the thread alone
  std::thread thread_;       // last: starts when all else is there
};

}  // namespace longwire::test
