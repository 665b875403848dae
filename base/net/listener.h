#pragma once

// Listener: accepts on one address for one loop, with per-address limits before any byte is read.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/result.h"

namespace longwire::net {

using AcceptFunction = std::function<void(Descriptor socket, Address peer)>;

// A socket that listens, for Listener::adopt() here or in a process that inherits it: connections
// wait in it until somebody accepts, and as long as any process holds it; once it is shut down,
// what comes goes to others on its port. Addresses as below. Any thread.
Result<Descriptor> listen_tcp(const Address& address);
// At a path, for this user's processes alone (mode 0600); what an earlier process left there is
// removed. kInvalidArgument: longer than 107 bytes. Any thread.
Result<Descriptor> listen_unix(const std::string& path);
// Where it listens, with the real port. kInvalidArgument: it does not listen.
Result<Address> listening_address(const Descriptor& socket);

// SO_REUSEPORT: several listeners (of several loops) may share a port. Loop-bound but for open()
// and adopt().
class Listener final {
 public:
  // Port 0 chooses a free one; an empty ip means all interfaces, IPv6 too where there is any. Any
  // thread; accepting starts with start() on the loop.
  static Result<std::unique_ptr<Listener>> open(Loop& loop, const Address& address);
  // One on a socket of listen_tcp() or listen_unix(), or inherited. One that was shut down
  // meanwhile listens again. kInvalidArgument: it cannot.
  static Result<std::unique_ptr<Listener>> adopt(Loop& loop, Descriptor socket);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Accepted sockets are non-blocking, TCP_NODELAY, keep-alive, with a TCP user timeout of 60 s. At
  // the descriptor limit accepting pauses for a moment and counts it.
  void start(AcceptFunction on_accept);
  void stop();
  const Address& address() const;  // with the real port
  // How often accepting paused at the descriptor limit. Thread-safe.
  std::uint64_t pauses() const;

 private:
  struct State;
  explicit Listener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace longwire::net
