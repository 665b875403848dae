#include "storage/mysql/session.h"

#include <algorithm>

namespace longwire::storage::mysql {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kWriterBytes = 16;

// What has been committed by now is with the other server of the pair, or need not be. A server
// that was started anew says ON before anybody has acknowledged anything.
constexpr char kConfirm[] =
    "SELECT holder = @@server_id AND (alone OR"
    " ((SELECT variable_value FROM information_schema.global_status"
    "   WHERE variable_name = 'RPL_SEMI_SYNC_MASTER_STATUS') = 'ON'"
    "  AND (SELECT variable_value FROM information_schema.global_status"
    "   WHERE variable_name = 'RPL_SEMI_SYNC_MASTER_YES_TX') > 0)) FROM pair_state";

Error unavailable(std::string why, MonotonicTime wait) {
  const auto rounded = std::chrono::ceil<milliseconds>(wait);
  return {ErrorCode::kUnavailable, std::move(why), std::max(rounded, milliseconds(1))};
}

}  // namespace

Session::Session(SessionParts parts, Connection::Mode mode)
    : parts_(parts), mode_(mode), writer_(parts.random.bytes(kWriterBytes)) {}

Result<Connection*> Session::connection() {
  if (parts_.pair != nullptr) {
    const auto holder = parts_.pair->holder();
    if (!holder) {
      return unavailable("nobody knows which server of the MySQL pair is written to",
                         parts_.options.retry_after);
    }
    if (*holder != server_) {
      connection_.reset();
      left_alone_until_ = MonotonicTime(0);
      pause_ = milliseconds(0);
      server_ = *holder;
    }
  }
  if (connection_) return connection_.get();
  return connect(*parts_.servers[server_]);
}

Result<Connection*> Session::connect(Health& server) {
  const MonotonicTime now = parts_.clock.monotonic();
  if (now < left_alone_until_) {
    return unavailable("the MySQL server cannot be reached", left_alone_until_ - now);
  }
  auto made = Connection::open(parts_.options.at(server.address()), mode_);
  if (made) {
    connection_ = std::move(*made);
    pause_ = milliseconds(0);
    server.reached();
    return connection_.get();
  }
  server.failed(made.error().message);
  const Options& options = parts_.options;
  pause_ = std::clamp(pause_ * 2, options.backoff_min,
                      std::max(options.backoff_min, options.backoff_max));
  // Half of it by chance, so that connections lost together do not come back together.
  const auto chance = static_cast<std::int64_t>(
      parts_.random.below(static_cast<std::uint64_t>(pause_.count() / 2) + 1));
  const milliseconds pause = pause_ - milliseconds(chance);
  left_alone_until_ = parts_.clock.monotonic() + pause;
  return unavailable(made.error().message, pause);
}

bool Session::may_repeat(const Status& status, std::int64_t attempt) {
  const FailureKind failure = connection_->failure();
  // What nobody foresaw may have left the connection in any state.
  const bool odd = status.error().code == ErrorCode::kInternal;
  if (failure == FailureKind::kLost || odd) connection_.reset();
  return (failure == FailureKind::kLost || failure == FailureKind::kConflict) &&
         attempt < parts_.options.attempts_max;
}

Status Session::repeat_read(Work& work) {
  for (std::int64_t attempt = 1;; ++attempt) {
    const auto connected = connection();
    if (!connected) return connected.error();
    (*connected)->forget_failure();
    Status status = work(**connected);
    if (status.ok()) status = confirm(**connected);
    if (status.ok() || !may_repeat(status, attempt)) return status;
  }
}

Status Session::confirm(Connection& connection) {
  if (parts_.pair == nullptr) return {};
  bool confirmed = false;
  {
    auto query = connection.query(kConfirm);
    confirmed = query.next() && query.number(0) == 1;
    TRY(query.status());
  }
  if (mode_ == Connection::Mode::kWrites) TRY(connection.rollback());
  if (confirmed) return {};
  return unavailable("the other server of the MySQL pair has not acknowledged",
                     parts_.options.retry_after);
}

// The row comes first: whoever asks for it waits until this transaction has ended.
Status Session::write_once(Connection& connection, Work& work) {
  auto query = connection.query(
      "INSERT INTO writers (writer, number) VALUES (?, ?)"
      " ON DUPLICATE KEY UPDATE number = VALUES(number)");
  TRY(query.bind(writer_).bind(number_).run());
  return work(connection);
}

Status Session::repeat_write(Work& work) {
  ++number_;
  for (std::int64_t attempt = 1;; ++attempt) {
    const auto connected = connection();
    if (!connected) return connected.error();
    (*connected)->forget_failure();
    Status status = write_once(**connected, work);
    if (!status.ok()) {
      const bool again = may_repeat(status, attempt);
      if (connection_ && !connection_->rollback().ok()) connection_.reset();
      if (again) continue;
      return status;
    }
    status = (*connected)->commit();
    if (status.ok()) status = confirm(**connected);
    if (status.ok()) return {};
    connection_.reset();  // whatever it was: the row tells
    const auto committed = was_committed();
    if (!committed) return committed.error();
    if (*committed) return {};
    if (attempt >= parts_.options.attempts_max) return status;
  }
}

Result<bool> Session::was_committed() {
  const MonotonicTime until = parts_.clock.monotonic() + parts_.options.decide_timeout;
  for (;;) {
    auto committed = ask_whether_committed();
    if (committed) return committed;
    const MonotonicTime now = parts_.clock.monotonic();
    if (now >= until || parts_.stop.stopped()) {
      parts_.servers[server_]->undecided();
      return Error{ErrorCode::kUnknownOutcome, committed.error().message,
                   committed.error().retry_after};
    }
    const MonotonicTime pause =
        std::max<MonotonicTime>(left_alone_until_ - now, parts_.options.backoff_min);
    parts_.stop.wait_for(std::min(pause, until - now));
  }
}

Result<bool> Session::ask_whether_committed() {
  const auto connected = connection();
  if (!connected) return connected.error();
  std::uint64_t last = 0;
  Status status;
  {
    auto query = (*connected)->query("SELECT number FROM writers WHERE writer = ? FOR UPDATE");
    query.bind(writer_);
    if (query.next()) last = query.number(0);
    status = query.status();
  }
  if (status.ok()) status = (*connected)->rollback();
  if (status.ok()) status = confirm(**connected);
  if (!status.ok()) {
    connection_.reset();
    return status.error();
  }
  return last >= number_;
}

}  // namespace longwire::storage::mysql
