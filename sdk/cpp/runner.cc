#include "sdk/cpp/runner.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "base/random.h"
#include "sdk/cpp/device_api.h"

namespace longwire::sdk {

namespace {

using std::chrono::milliseconds;

// libstrophe waits in select() itself; that long at most, so that a wish is not late.
constexpr milliseconds kBusyWait{20};
constexpr milliseconds kBusyFor{2000};
constexpr milliseconds kCloseTimeout{3000};
constexpr milliseconds kIdleWaitMax{60'000};
// A server never refuses a password that it knows; several times, lest one bad moment cost what the
// account holds.
constexpr int kRefusalsMax = 5;

Failure failure_of(const Error& error) {
  return {.code = std::string(error_code_name(error.code)), .text = error.message};
}

Status check_ca(const std::string& file) {
  if (file.empty()) return {};
  std::ifstream stream(file);
  if (!stream) return Error{ErrorCode::kInvalidArgument, "cannot read the CA file " + file};
  for (std::string line; std::getline(stream, line);)
    if (line.find("-----BEGIN ") != std::string::npos) return {};
  return Error{ErrorCode::kInvalidArgument, "the CA file " + file + " has no certificate in PEM"};
}

// What no later try would mend is told before the first.
Result<std::unique_ptr<StateStore>> open_state(const Options& options) {
  TRY(check_ca(options.ca_file));
  TRY(check_api(options.api));
  return StateStore::open(options.state_directory);
}

}  // namespace

Client::Runner::Work::Work(const Options& options, std::unique_ptr<StateStore> its_store,
                           Listener& listener, LinkEvents& events)
    : store(std::move(its_store)),
      receiver(options, *store, listener),
      requests(options, *store, listener, system_random()),
      link(events),
      backoff(options.reconnect_delay_min, options.reconnect_delay_max) {}

Client::Runner::Runner(Options options, Listener& listener)
    : options_(std::move(options)), listener_(listener), clock_(system_clock()) {}

Client::Runner::~Runner() { stop(); }

void Client::Runner::start() {
  if (thread_.joinable() && !over_) return;
  if (thread_.joinable()) thread_.join();
  stopping_ = over_ = false;
  thread_ = std::thread([this] { run(); });
}

void Client::Runner::stop_soon() {
  stopping_ = true;
  waker_.wake();
}

void Client::Runner::stop() {
  if (!thread_.joinable()) return;
  stop_soon();
  thread_.join();
}

void Client::Runner::wish(Wish wish) {
  wishes_.lock()->push_back(std::move(wish));
  waker_.wake();
}

// ---- on the thread

void Client::Runner::run() {
  auto store = open_state(options_);
  if (!store.ok()) {
    Failure failure = failure_of(store.error());
    failure.is_final = true;
    listener_.on_error(failure);
  } else {
    Work work(options_, std::move(*store), listener_, *this);
    work_ = &work;
    run_work(work);
    work_ = nullptr;
  }
  const Failure stopped{.code = "unavailable", .text = "the client has stopped"};
  for (Wish& wish : std::exchange(*wishes_.lock(), {}))
    if (wish.done) wish.done(stopped);
  over_ = true;
}

void Client::Runner::run_work(Work& work) {
  while (!stopping_ && !work.finished) {
    take_wishes();
    connect_if_due();
    send_what_is_due();
    keep_alive();
    if (!stopping_ && !work.finished) wait();
  }
  shut_down();
  take_wishes();
  work.requests.give_up({.code = "unavailable", .text = "the client has stopped"});
}

void Client::Runner::take_wishes() {
  auto wishes = std::exchange(*wishes_.lock(), {});
  for (Wish& wish : wishes) work_->requests.add(std::move(wish));
}

void Client::Runner::connect_if_due() {
  Work& work = *work_;
  if (work.online || !work.link.is_closed() || clock_.monotonic() < work.connect_at) return;
  if (!work.store->state().account.has_value() && !make_account()) return;
  const Account& account = *work.store->state().account;
  work.connect_at = clock_.monotonic() + kIdleWaitMax;  // until it is known how this ends
  Status opened = work.link.open({.host = options_.server_host,
                                  .port = options_.server_port,
                                  .direct_tls = options_.direct_tls,
                                  .ca_file = options_.ca_file,
                                  .device = account.device,
                                  .password = account.password,
                                  .domain = account.domain});
  if (!opened.ok()) retry_later(failure_of(opened.error()));
}

bool Client::Runner::make_account() {
  Work& work = *work_;
  auto account = create_account(options_);
  if (account.ok()) {
    work.store->state().account = std::move(*account);
    if (Status saved = work.store->save(); saved.ok()) return true;
    work.store->state().account.reset();
    fail_for_good({.code = "unavailable", .text = "the state directory cannot be written"});
    return false;
  }
  if (may_retry(account.error()) || account.error().code == ErrorCode::kCorrupt) {
    retry_later(failure_of(account.error()));
  } else {
    fail_for_good(failure_of(account.error()));
  }
  return false;
}

void Client::Runner::retry_later(const Failure& why) {
  work_->connect_at = clock_.monotonic() + work_->backoff.next(system_random());
  listener_.on_error(why);
}

void Client::Runner::fail_for_good(Failure why) {
  work_->finished = true;
  why.is_final = true;
  listener_.on_error(why);
}

void Client::Runner::send_what_is_due() {
  Work& work = *work_;
  if (!work.online) return;
  const MonotonicTime now = clock_.monotonic();
  work.requests.check_timeout(now);
  if (Bytes request = work.requests.take_request(now); !request.empty()) {
    work.request = ++work.last_request;
    work.link.send_request(work.request, request);
    work.busy_until = now + kBusyFor;
  }
  if (const auto due = work.receiver.acknowledge_at(); due.has_value() && *due <= now)
    if (Bytes frame = work.receiver.take_acknowledgements(); !frame.empty())
      work.link.send_frame(frame);
  if (work.requests.refused()) work.finished = true;
}

void Client::Runner::keep_alive() {
  Work& work = *work_;
  if (!work.online) return;
  const MonotonicTime now = clock_.monotonic();
  if (work.ping_due.has_value() && now >= *work.ping_due) {
    work.ping_due.reset();
    work.ping_at = now + options_.ping_interval;
    work.busy_until = now + kBusyFor + kCloseTimeout;
    return work.link.close();
  }
  if (work.ping_due.has_value() || now < work.ping_at) return;
  work.ping_request = ++work.last_request;
  work.ping_due = now + options_.ping_timeout;
  work.busy_until = now + kBusyFor;
  work.link.send_ping(work.ping_request);
}

MonotonicTime Client::Runner::next_time() const {
  const Work& work = *work_;
  if (!work.online) return work.connect_at;
  MonotonicTime next = work.ping_due.value_or(work.ping_at);
  if (const auto due = work.receiver.acknowledge_at(); due.has_value()) next = std::min(next, *due);
  if (const auto due = work.requests.next_time(); due.has_value()) next = std::min(next, *due);
  return next;
}

// While a connection is being made, or something happened lately, the library waits; otherwise
// poll() does, which a wish can end at once and which does not wake up for nothing.
void Client::Runner::wait() {
  Work& work = *work_;
  const MonotonicTime now = clock_.monotonic();
  const auto left = std::chrono::duration_cast<milliseconds>(next_time() - now) + milliseconds(1);
  const bool connecting = !work.online && !work.link.is_closed();
  if (connecting || (work.online && now < work.busy_until))
    return work.link.run(std::clamp(left, milliseconds(0), kBusyWait));
  waker_.wait(work.online ? work.link.descriptor() : -1,
              std::clamp(left, milliseconds(0), kIdleWaitMax));
  if (!work.online) return;
  work.busy_until = clock_.monotonic() + kBusyFor;
  work.link.run(milliseconds(0));
}

void Client::Runner::shut_down() {
  Work& work = *work_;
  if (work.online)
    if (Bytes frame = work.receiver.take_acknowledgements(); !frame.empty())
      work.link.send_frame(frame);
  work.finished = true;
  work.link.close();
  const MonotonicTime limit = clock_.monotonic() + kCloseTimeout;
  while (!work.link.is_closed() && clock_.monotonic() < limit) work.link.run(kBusyWait);
}

// ---- events of the link

void Client::Runner::on_link_open() {
  Work& work = *work_;
  const MonotonicTime now = clock_.monotonic();
  work.online = true;
  work.backoff.succeeded();
  work.refusals = 0;
  work.ping_at = now + options_.ping_interval;
  work.ping_due.reset();
  work.busy_until = now + kBusyFor;
  work.receiver.forget_acknowledgements();
  work.link.send_frame(work.receiver.positions());
  listener_.on_connected();
  work.requests.on_connected(now);
}

void Client::Runner::on_link_closed(const LinkClosed& closed) {
  Work& work = *work_;
  const bool was_online = std::exchange(work.online, false);
  work.requests.on_disconnected();
  work.connect_at = clock_.monotonic() + work.backoff.next(system_random());
  if (work.finished || stopping_) return;
  Failure failure{.code = "unavailable", .text = closed.text};
  switch (closed.reason) {
    case CloseReason::kLost:
      break;
    case CloseReason::kConflict:
      return fail_for_good({.code = "conflict",
                            .text = "another connection of this device took over: " + closed.text});
    case CloseReason::kUntrusted:
      failure.code = "permission_denied";
      break;
    case CloseReason::kDisabled:
      failure.code = "account_disabled";
      work.refusals = 0;  // it is known
      break;
    case CloseReason::kRefusedLogin:
      failure.code = "unauthenticated";
      break;
  }
  if (was_online) return listener_.on_disconnected(failure);
  listener_.on_error(failure);
  if (closed.reason == CloseReason::kRefusedLogin) on_password_refused();
}

// The server was restored from a backup that is older than the account, or an operator removed it.
void Client::Runner::on_password_refused() {
  Work& work = *work_;
  State& state = work.store->state();
  // An account that was never used has ended by itself; nothing is lost with it.
  if (state.registrations.empty()) return state.account.reset();
  if (++work.refusals < kRefusalsMax) return;
  work.refusals = 0;
  state.lose_account();
  if (Status saved = work.store->save(); !saved.ok()) listener_.on_error(failure_of(saved.error()));
  work.requests.on_account_lost();
  listener_.on_error({.code = "account_lost",
                      .text = "the server does not know this device any more: it gets a new "
                              "account, a new registration, and its names again"});
}

void Client::Runner::on_link_frame(BytesView frame) {
  if (stopping_) return;  // not acknowledged, so it comes again
  Work& work = *work_;
  const MonotonicTime now = clock_.monotonic();
  work.busy_until = now + kBusyFor;
  work.ping_at = now + options_.ping_interval;  // a frame proves as much as a ping
  if (work.receiver.take(frame, now) == Outcome::kEnded) {
    work.requests.on_ended();
    listener_.on_ended();
  }
  // Many frames may come in one turn of the library; acknowledgements must not wait for its end.
  if (const auto due = work.receiver.acknowledge_at(); due.has_value() && *due <= now)
    if (Bytes acknowledgements = work.receiver.take_acknowledgements(); !acknowledgements.empty())
      work.link.send_frame(acknowledgements);
}

void Client::Runner::on_link_reply(std::uint64_t request, Result<Bytes> reply) {
  Work& work = *work_;
  work.busy_until = clock_.monotonic() + kBusyFor;
  if (work.ping_due.has_value() && request == work.ping_request) {
    work.ping_due.reset();  // an error is an answer, too
    work.ping_at = clock_.monotonic() + options_.ping_interval;
    return;
  }
  if (request != work.request) return;  // of an earlier try
  work.request = 0;
  work.requests.on_reply(std::move(reply), clock_.monotonic());
}

}  // namespace longwire::sdk
