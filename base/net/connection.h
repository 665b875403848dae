#pragma once

// Connection: one accepted (or made) TCP connection with TLS from the start, later, or never.
//
// Writing: write() gathers; at the end of the loop's turn everything gathered is sealed and sent in
// one call. Back-pressure: above write_high_mark the handler is told once (on_write_blocked) and
// should stop producing; below write_low_mark on_write_resumed. Above write_limit the connection is
// closed: a peer that does not read costs itself its connection and nobody else anything. Reading:
// data is handed over as it comes; pause_reading() stops taking from the socket. Idle connections
// hold no buffers.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/net/tls.h"

namespace longwire::net {

struct ConnectionLimits {
  // Bytes of plaintext and records not yet taken by the socket.
  std::size_t write_high_mark = std::size_t{256} * 1024;
  std::size_t write_low_mark = std::size_t{64} * 1024;
  std::size_t write_limit = std::size_t{4} * 1024 * 1024;
  std::chrono::milliseconds close_timeout{5'000};  // for close_after_flush
};

enum class CloseReason {
  kPeer,         // orderly end, or reset, by the peer
  kUnreachable,  // nobody listens where it was to be connected to, or no way leads there
  kLocal,        // close_after_flush or abort
  kTls,          // handshake or record failure
  kWriteLimit,   // the peer does not read
  kTimeout,      // TCP user timeout, or the owner's idle rule
};
std::string_view close_reason_name(CloseReason reason);

class Connection;

// The owner of the session behind a connection. Loop-bound. Any call may close or abort the
// connection; it must not destroy it before on_closed.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void on_tls_established(Connection& connection) { (void)connection; }
  // Views do not outlive the call.
  virtual void on_data(Connection& connection, BytesView data) = 0;
  virtual void on_write_blocked(Connection& connection) { (void)connection; }
  virtual void on_write_resumed(Connection& connection) { (void)connection; }
  // Last call, exactly once, at the end of a turn, never from inside a call into the connection;
  // the handler may destroy the connection here.
  virtual void on_closed(Connection& connection, CloseReason reason) = 0;
};

// A resource, loop-bound.
class Connection final {
 public:
  // `tls` null: plain until start_tls. Takes the descriptor, which is non-blocking and connected
  // (or about to be: see dialer.h). A client's handshake starts at the end of the turn.
  Connection(Loop& loop, Descriptor socket, Address peer, ConnectionLimits limits,
             std::unique_ptr<TlsSession> tls, ConnectionHandler& handler);
  // One that another loop's Connection released.
  struct Released {
    Descriptor socket;
    Address peer;
    std::unique_ptr<TlsSession> tls;
    Bytes unsent_wire;       // goes out first, as it is
    Bytes unsent_plaintext;  // not sealed yet
  };
  Connection(Loop& loop, Released released, ConnectionLimits limits, ConnectionHandler& handler);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void write(BytesView plaintext);
  // From now on all bytes are TLS; what was read but not handed over is dropped (STARTTLS
  // injection).
  void start_tls(std::unique_ptr<TlsSession> tls);
  TlsSession* tls();  // null on a plain connection

  void pause_reading();
  void resume_reading();

  // Sends what is gathered, then TLS close_notify and the end of the stream, and waits for the
  // peer's end, dropping what it still sends; on_closed comes then. After `close_timeout` the peer
  // is cut. Before the handshake's end what is gathered is dropped.
  void close_after_flush();
  void abort(CloseReason reason = CloseReason::kLocal);
  bool closing() const;

  // Gives the socket and its TLS away, to go on in another loop. This object is closed then, and
  // its handler is told nothing any more. Only while open.
  Released release();

  void set_handler(ConnectionHandler& handler);
  const Address& peer() const;
  std::size_t unsent_bytes() const;
  MonotonicTime last_read() const;  // coarse: the turn in which bytes last came

 private:
  struct State;
  // Shared with what is queued for the end of the turn, which may outlive the connection.
  std::shared_ptr<State> state_;
};

}  // namespace longwire::net
