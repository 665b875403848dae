#include "base/net/connection.h"

#include "base/net/connection_state.h"

namespace longwire::net {

namespace {

// Tens of thousands are idle at a time.
constexpr std::size_t kStateBytesMax = 208;

}  // namespace

std::string_view close_reason_name(CloseReason reason) {
  switch (reason) {
    case CloseReason::kPeer:
      return "peer";
    case CloseReason::kUnreachable:
      return "unreachable";
    case CloseReason::kLocal:
      return "local";
    case CloseReason::kTls:
      return "tls";
    case CloseReason::kWriteLimit:
      return "write_limit";
    case CloseReason::kTimeout:
      return "timeout";
  }
  return "local";
}

Connection::Connection(Loop& loop, Descriptor socket, Address peer, ConnectionLimits limits,
                       std::unique_ptr<TlsSession> tls, ConnectionHandler& handler)
    : state_(std::make_shared<State>(State::Parts{.connection = *this,
                                                  .loop = loop,
                                                  .socket = std::move(socket),
                                                  .peer = std::move(peer),
                                                  .limits = limits,
                                                  .tls = std::move(tls),
                                                  .handler = handler})) {
  static_assert(sizeof(State) <= kStateBytesMax);
  state_->begin();
}

Connection::Connection(Loop& loop, Released released, ConnectionLimits limits,
                       ConnectionHandler& handler)
    : Connection(loop, std::move(released.socket), std::move(released.peer), limits,
                 std::move(released.tls), handler) {
  state_->continue_with(std::move(released.unsent_wire));
  state_->write(released.unsent_plaintext);
}

Connection::~Connection() { state_->orphan(); }

void Connection::write(BytesView plaintext) { state_->write(plaintext); }

void Connection::start_tls(std::unique_ptr<TlsSession> tls) { state_->start_tls(std::move(tls)); }

TlsSession* Connection::tls() { return state_->tls(); }

void Connection::pause_reading() { state_->set_reading(false); }

void Connection::resume_reading() { state_->set_reading(true); }

void Connection::close_after_flush() { state_->close_after_flush(); }

void Connection::abort(CloseReason reason) { state_->close(reason); }

bool Connection::closing() const { return state_->closing(); }

Connection::Released Connection::release() { return state_->release(); }

void Connection::set_handler(ConnectionHandler& handler) { state_->set_handler(handler); }

const Address& Connection::peer() const { return state_->peer(); }

std::size_t Connection::unsent_bytes() const { return state_->unsent_bytes(); }

MonotonicTime Connection::last_read() const { return state_->last_read(); }

}  // namespace longwire::net
