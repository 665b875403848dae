#pragma once

// A gate before the server: carries bytes both ways, counts connections, and does to one COMMIT
// what a bad network does.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"

namespace longwire::test {

// Thread-safe.
class MySqlGate final {
 public:
  enum class Fault {
    kNone,
    kCutBefore,  // the server never sees it; the connection is cut on both sides
    kCutAfter,   // the server does it; the answer is lost
    kHold,       // the client is cut off at once; the server sees it when release() says so
  };

  explicit MySqlGate(const std::string& server);  // "host:port"
  ~MySqlGate();
  MySqlGate(const MySqlGate&) = delete;
  MySqlGate& operator=(const MySqlGate&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // Of the next COMMIT. The one before must have met its fault.
  void set_fault(Fault fault) { state_.lock()->fault = fault; }
  // Ends a kHold: the COMMIT is carried out, or the connection closed without it.
  void release(bool carry_out);
  // New connections are closed at once.
  void shut() { shut_ = true; }
  int connections() const { return connections_; }  // ever begun
  int faults() const { return faults_; }            // that came to pass

 private:
  enum class Held { kNo, kYes, kCarryOut, kDrop };
  struct State {
    Fault fault = Fault::kNone;
    Held held = Held::kNo;
    std::vector<std::thread> threads;
  };

  void accept_all();
  void carry(int client);
  // true: the connection is done with.
  bool from_client(int client, int server);
  void hold(int client, int server, const std::string& bytes);
  Fault take_fault(const std::string& bytes);

  std::uint16_t server_port_ = 0;
  int listening_ = -1;
  int stop_ = -1;  // an eventfd
  std::uint16_t port_ = 0;
  std::atomic<bool> shut_ = false;
  std::atomic<int> connections_ = 0;
  std::atomic<int> faults_ = 0;
  Guarded<State> state_;
  std::condition_variable changed_;
  std::thread acceptor_;  // last: starts when all else is there
};

}  // namespace longwire::test
