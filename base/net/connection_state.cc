#include "base/net/connection_state.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/check.h"
#include "base/net/buffer_pool.h"

namespace longwire::net {
namespace {

// Per wake-up: others of the loop want their turn.
constexpr std::size_t kReadBytesMax = std::size_t{64} * 1024;
constexpr std::size_t kPlaintextKeptMax = std::size_t{256} * 1024;

CloseReason reason_of(int error) {
  switch (error) {
    case ETIMEDOUT:
      return CloseReason::kTimeout;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return CloseReason::kUnreachable;
    default:
      return CloseReason::kPeer;
  }
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// recv() of what is there; -1 with errno.
ssize_t receive(int descriptor, char* buffer, std::size_t size) {
  ssize_t got = 0;
  do {
    got = ::recv(descriptor, buffer, size, 0);
  } while (got < 0 && errno == EINTR);
  return got;
}

char* scratch() {
  thread_local const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytesMax);
  return buffer.get();
}

}  // namespace

Connection::State::State(Parts parts)
    : connection_(&parts.connection),
      loop_(parts.loop),
      handler_(&parts.handler),
      tls_(std::move(parts.tls)),
      last_read_(parts.loop.turn_time()),
      peer_(std::move(parts.peer)),
      limits_(parts.limits),
      socket_(std::move(parts.socket)) {}

void Connection::State::begin() {
  CHECK(socket_.valid());
  interest_ = Interest::kRead;
  loop_.watch(socket_.get(), interest_, *this);
  if (!tls_) return;
  if (!tls_->start(wire()).ok()) return tls_failed();
  mark_dirty();
}

void Connection::State::orphan() {
  connection_ = nullptr;
  close(CloseReason::kLocal);
}

std::size_t Connection::State::unsent_bytes() const {
  return (gathered_ ? gathered_->size() : 0) + (wire_ ? wire_->size() - wire_sent_ : 0);
}

Bytes& Connection::State::wire() {
  if (!wire_) wire_ = BufferPool::of_this_thread().take();
  return *wire_;
}

void Connection::State::write(BytesView plaintext) {
  if (!is_open() || plaintext.empty()) return;
  if (!gathered_) gathered_ = BufferPool::of_this_thread().take();
  gathered_->append(plaintext);
  mark_dirty();
  if (blocked_ || unsent_bytes() <= limits_.write_high_mark) {
    if (unsent_bytes() > limits_.write_limit) close(CloseReason::kWriteLimit);
    return;
  }
  // Much in one turn is not yet a peer that does not read: let the socket take what it can.
  flush();
  if (is_open() && unsent_bytes() > limits_.write_limit) return close(CloseReason::kWriteLimit);
  if (is_open() && unsent_bytes() > limits_.write_high_mark) {
    blocked_ = true;
    handler_->on_write_blocked(*connection_);
  }
}

void Connection::State::mark_dirty() {
  if (dirty_ || phase_ == Phase::kClosed) return;
  dirty_ = true;
  loop_.at_end_of_turn([self = shared_from_this()] { self->end_turn(); });
}

void Connection::State::end_turn() {
  dirty_ = false;
  flush();
  update_marks();
}

void Connection::State::update_marks() {
  if (!is_open() || !blocked_ || unsent_bytes() >= limits_.write_low_mark) return;
  blocked_ = false;
  handler_->on_write_resumed(*connection_);
}

// Sends until all is sent or the socket is full; then sees to what comes after.
void Connection::State::flush() {
  if (phase_ == Phase::kClosed || phase_ == Phase::kLingering || socket_full_) return;
  do {
    if (!send_wire()) return;
  } while (fill_wire());
  if (phase_ == Phase::kClosed) return;
  if (phase_ == Phase::kFlushing) return linger();
  update_interest();
}

// Moves what is gathered to the empty wire; false if there is nothing to send.
bool Connection::State::fill_wire() {
  if (!gathered_ || (tls_ && !tls_->handshake_done())) return false;
  if (!tls_) {
    wire_ = std::move(gathered_);
    return true;
  }
  std::unique_ptr<Bytes> plaintext = std::move(gathered_);
  const Status sealed = tls_->send(*plaintext, wire());
  BufferPool::of_this_thread().give_back(std::move(plaintext));
  if (sealed.ok()) return true;
  close(CloseReason::kTls);
  return false;
}

// False where the socket is full or has failed.
bool Connection::State::send_wire() {
  while (wire_ && wire_sent_ < wire_->size()) {
    const ssize_t sent =
        ::send(socket_.get(), wire_->data() + wire_sent_, wire_->size() - wire_sent_, MSG_NOSIGNAL);
    if (sent >= 0) {
      wire_sent_ += static_cast<std::size_t>(sent);
    } else if (would_block(errno)) {
      socket_full_ = true;
      update_interest();
      return false;
    } else if (errno != EINTR) {
      close(reason_of(errno));
      return false;
    }
  }
  if (wire_) BufferPool::of_this_thread().give_back(std::move(wire_));
  wire_sent_ = 0;
  return true;
}

void Connection::State::on_writable() {
  socket_full_ = false;
  flush();
  update_marks();
}

void Connection::State::on_readable() {
  if (phase_ == Phase::kLingering) return drain();
  const ssize_t got = receive(socket_.get(), scratch(), kReadBytesMax);
  if (got < 0 && would_block(errno)) return;
  if (got <= 0) return close(got == 0 ? CloseReason::kPeer : reason_of(errno));
  last_read_ = loop_.turn_time();
  take_data({scratch(), static_cast<std::size_t>(got)});
}

void Connection::State::take_data(BytesView data) {
  // The handler may destroy nothing here, but its owner may: hold on to ourselves.
  const auto self = shared_from_this();
  if (tls_) {
    take_ciphertext(data);
  } else {
    handler_->on_data(*connection_, data);
  }
}

void Connection::State::take_ciphertext(BytesView data) {
  thread_local Bytes plaintext;
  plaintext.clear();
  const Status status = tls_->receive(data, plaintext, wire());
  if (wire_->empty()) {
    BufferPool::of_this_thread().give_back(std::move(wire_));
  }
  if (wire_ || gathered_) mark_dirty();
  if (!status.ok()) return tls_failed();
  announce_tls();
  if (is_open() && !plaintext.empty()) handler_->on_data(*connection_, plaintext);
  if (plaintext.capacity() > kPlaintextKeptMax) Bytes().swap(plaintext);
  if (is_open() && tls_->peer_closed()) close(CloseReason::kPeer);
  if (is_open() && unsent_bytes() > limits_.write_limit) close(CloseReason::kWriteLimit);
}

void Connection::State::announce_tls() {
  if (tls_announced_ || !tls_->handshake_done()) return;
  tls_announced_ = true;
  if (is_open()) handler_->on_tls_established(*connection_);
}

// The alert may help whoever looks at the other end; nobody waits for it.
void Connection::State::tls_failed() {
  send_wire();
  close(CloseReason::kTls);
}

void Connection::State::start_tls(std::unique_ptr<TlsSession> tls) {
  CHECK(!tls_);
  CHECK(tls != nullptr);
  if (!is_open()) return;
  // What was written before is plain still.
  if (gathered_) {
    wire().append(*gathered_);
    BufferPool::of_this_thread().give_back(std::move(gathered_));
  }
  tls_ = std::move(tls);
  if (!tls_->start(wire()).ok()) return tls_failed();
  mark_dirty();
}

void Connection::State::set_reading(bool reading) {
  reading_ = reading;
  if (is_open()) update_interest();
}

void Connection::State::update_interest() {
  if (phase_ == Phase::kClosed) return;
  const bool read = is_open() ? static_cast<bool>(reading_) : phase_ == Phase::kLingering;
  const unsigned wanted = (read ? static_cast<unsigned>(Interest::kRead) : 0) |
                          (socket_full_ ? static_cast<unsigned>(Interest::kWrite) : 0);
  const auto interest = static_cast<Interest>(wanted);
  if (interest == interest_) return;
  interest_ = interest;
  loop_.change(socket_.get(), interest, *this);
}

void Connection::State::close_after_flush() {
  if (!is_open()) return;
  phase_ = Phase::kFlushing;
  cut_off_ = loop_.schedule(limits_.close_timeout, [self = shared_from_this()] {
    self->cut_off_ = TimerId::kNone;
    self->close(CloseReason::kLocal);
  });
  update_interest();
  mark_dirty();
}

void Connection::State::linger() {
  if (tls_) {
    tls_->close_notify(wire());
    if (!send_wire()) return;
  }
  ::shutdown(socket_.get(), SHUT_WR);
  phase_ = Phase::kLingering;
  update_interest();
}

void Connection::State::drain() {
  const ssize_t got = receive(socket_.get(), scratch(), kReadBytesMax);
  if (got > 0 || (got < 0 && would_block(errno))) return;
  close(CloseReason::kLocal);
}

void Connection::State::close(CloseReason reason) {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  close_reason_ = reason;
  loop_.cancel(std::exchange(cut_off_, TimerId::kNone));
  loop_.unwatch(socket_.get());
  socket_.reset();
  gathered_.reset();
  wire_.reset();
  if (connection_ == nullptr) return;
  loop_.at_end_of_turn([self = shared_from_this()] { self->deliver_closed(); });
}

Connection::Released Connection::State::release() {
  CHECK(is_open());
  flush();
  Released released;
  released.peer = peer_;
  if (is_open()) {
    loop_.unwatch(socket_.get());
    released.socket = std::move(socket_);
  }
  released.tls = std::move(tls_);
  if (wire_) released.unsent_wire = wire_->substr(wire_sent_);
  if (gathered_) released.unsent_plaintext = *gathered_;
  phase_ = Phase::kClosed;
  connection_ = nullptr;
  return released;
}

void Connection::State::continue_with(Bytes unsent_wire) {
  if (unsent_wire.empty()) return;
  wire() = std::move(unsent_wire);
  mark_dirty();
}

void Connection::State::deliver_closed() {
  if (connection_ != nullptr) handler_->on_closed(*connection_, close_reason_);
}

}  // namespace longwire::net
