#include "http_front/server/http_connection.h"

#include <utility>

#include "http_front/server/http_server.h"

namespace longwire::http {

HttpConnection::HttpConnection(Parts parts)
    : server_(parts.server),
      id_(parts.id),
      accepted_(parts.server.parts().loop.turn_time()),
      connection_(parts.server.parts().loop, std::move(parts.socket), std::move(parts.peer),
                  parts.server.limits().connection, std::move(parts.tls), *this) {
  if (connection_.tls() == nullptr) {
    session_ = make_http1_session(server_.limits().session, server_.body_memory(), *this, now());
  }
}

MonotonicTime HttpConnection::now() const { return server_.parts().loop.turn_time(); }

void HttpConnection::on_tls_established(net::Connection& connection) {
  const bool is_http2 = connection.tls()->alpn() == "h2";
  const auto make = is_http2 ? &make_http2_session : &make_http1_session;
  session_ = make(server_.limits().session, server_.body_memory(), *this, now());
}

void HttpConnection::on_data(net::Connection&, BytesView data) {
  server_.parts().metrics.bytes_in.add(data.size());
  if (session_ == nullptr) return;
  session_->receive(data, now());
  settle();
}

void HttpConnection::respond(StreamId stream, Response response) {
  if (connection_.closing()) return;
  session_->respond(stream, std::move(response), now());
  settle();
}

void HttpConnection::check_time(MonotonicTime time) {
  if (connection_.closing()) return;
  if (session_ == nullptr) {
    if (time - accepted_ > server_.limits().handshake_timeout) {
      connection_.abort(net::CloseReason::kTimeout);
    }
    return;
  }
  session_->check_time(time);
  settle();
}

void HttpConnection::shut_down() {
  if (connection_.closing()) return;
  if (session_ == nullptr) {
    connection_.abort();
    return;
  }
  session_->shut_down(now());
  settle();
}

void HttpConnection::on_write_blocked(net::Connection&) {
  blocked_ = true;
  if (session_ != nullptr) session_->set_blocked(true, now());
  settle();
}

void HttpConnection::on_write_resumed(net::Connection&) {
  blocked_ = false;
  if (session_ != nullptr) session_->set_blocked(false, now());
  settle();
}

void HttpConnection::on_closed(net::Connection&, net::CloseReason) { server_.remove(id_); }

void HttpConnection::on_request(StreamId stream, Request request) {
  request.peer_ip = connection_.peer().ip;
  server_.handle(id_, stream, std::move(request));
}

void HttpConnection::on_output(BytesView bytes) {
  server_.parts().metrics.bytes_out.add(bytes.size());
  connection_.write(bytes);
}

std::string_view HttpConnection::date() const { return server_.date(); }

// After anything that may have changed what the session wants.
void HttpConnection::settle() {
  if (connection_.closing()) return;
  if (session_ != nullptr && session_->finished()) {
    connection_.close_after_flush();
    return;
  }
  const bool pause = blocked_ || (session_ != nullptr && !session_->wants_input());
  if (pause == paused_) return;
  paused_ = pause;
  if (pause) {
    connection_.pause_reading();
  } else {
    connection_.resume_reading();
  }
}

}  // namespace longwire::http
