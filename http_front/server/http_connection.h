#pragma once

// HttpConnection: one connection and the session that ALPN chose for it. Inside of server/.

#include <cstdint>
#include <memory>

#include "base/net/connection.h"
#include "http_front/protocol/session.h"

namespace longwire::http {

class HttpServer;

// Loop-bound; owned by its server, which outlives it.
class HttpConnection final : public net::ConnectionHandler, private SessionHost {
 public:
  struct Parts {
    HttpServer& server;
    std::uint64_t id;
    net::Descriptor socket;
    net::Address peer;
    std::unique_ptr<net::TlsSession> tls;
  };
  explicit HttpConnection(Parts parts);

  void respond(StreamId stream, Response response);
  void check_time(MonotonicTime now);
  void shut_down();
  void cut() { connection_.abort(); }
  const net::Address& peer() const { return connection_.peer(); }

  void on_tls_established(net::Connection& connection) override;
  void on_data(net::Connection& connection, BytesView data) override;
  void on_write_blocked(net::Connection& connection) override;
  void on_write_resumed(net::Connection& connection) override;
  void on_closed(net::Connection& connection, net::CloseReason reason) override;

 private:
  void on_request(StreamId stream, Request request) override;
  void on_output(BytesView bytes) override;
  std::string_view date() const override;

  void settle();
  MonotonicTime now() const;

  HttpServer& server_;
  const std::uint64_t id_;
  const MonotonicTime accepted_;
  std::unique_ptr<Session> session_;  // null until TLS is established
  bool blocked_ = false;
  bool paused_ = false;
  net::Connection connection_;
};

}  // namespace longwire::http
