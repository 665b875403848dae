#pragma once

// The machine behind Connection. Inside of base/net; nothing else includes it.
//
//   write() -> gathered_ --(end of turn: sealed, or as it is)--> wire_ --> socket
//
// gathered_ is sealed only when wire_ is empty: while the socket takes nothing, plaintext waits as
// it is, and goes out in full records.

#include <memory>

#include "base/net/connection.h"

namespace longwire::net {

struct Connection::State final : Watcher, std::enable_shared_from_this<Connection::State> {
 public:
  struct Parts {
    Connection& connection;
    Loop& loop;
    Descriptor socket;
    Address peer;
    ConnectionLimits limits;
    std::unique_ptr<TlsSession> tls;
    ConnectionHandler& handler;
  };
  explicit State(Parts parts);

  void begin();
  void orphan();  // the Connection is gone: no callback any more
  void write(BytesView plaintext);
  void start_tls(std::unique_ptr<TlsSession> tls);
  void set_reading(bool reading);
  void close_after_flush();
  void close(CloseReason reason);
  Released release();
  void continue_with(Bytes unsent_wire);

  void set_handler(ConnectionHandler& handler) { handler_ = &handler; }
  TlsSession* tls() { return tls_.get(); }
  bool closing() const { return phase_ != Phase::kOpen; }
  const Address& peer() const { return peer_; }
  MonotonicTime last_read() const { return last_read_; }
  std::size_t unsent_bytes() const;

  void on_readable() override;
  void on_writable() override;

 private:
  // Lingering: all is sent, the peer's end is awaited, so that closing does not reset the stream
  // under what is still on its way.
  enum class Phase : std::uint8_t { kOpen, kFlushing, kLingering, kClosed };

  void mark_dirty();
  void end_turn();
  void flush();
  bool fill_wire();
  bool send_wire();
  void seal_end();
  void linger();
  void drain();
  void take_data(BytesView data);
  void take_ciphertext(BytesView data);
  void announce_tls();
  void tls_failed();
  void update_interest();
  void update_marks();
  void deliver_closed();
  bool is_open() const { return phase_ == Phase::kOpen; }
  Bytes& wire();

  Connection* connection_;  // null once it is gone
  Loop& loop_;
  ConnectionHandler* handler_;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<Bytes> gathered_;  // null when empty
  std::unique_ptr<Bytes> wire_;      // null when empty
  std::size_t wire_sent_ = 0;        // of wire_, taken by the socket
  MonotonicTime last_read_;
  TimerId cut_off_ = TimerId::kNone;
  Address peer_;
  const ConnectionLimits limits_;
  Descriptor socket_;
  Phase phase_ = Phase::kOpen;
  Interest interest_ = Interest::kNone;
  CloseReason close_reason_ = CloseReason::kLocal;
  bool reading_ : 1 = true;
  bool dirty_ : 1 = false;
  bool blocked_ : 1 = false;      // the handler was told
  bool socket_full_ : 1 = false;  // wait for the socket to take more
  bool tls_announced_ : 1 = false;
};

}  // namespace longwire::net
