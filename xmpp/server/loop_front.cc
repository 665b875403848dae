#include "xmpp/server/loop_front.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "xmpp/server/drain.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

constexpr std::chrono::milliseconds kSweepInterval{1'000};
constexpr std::chrono::milliseconds kStopPatience{5'000};
constexpr std::chrono::milliseconds kStopCheckInterval{5};
// In one call to the owner of their accounts.
constexpr std::size_t kSessionsToldAtOnce = 1'000;
// A sweep looks at this share of all connections and sessions.
constexpr std::size_t kSweepRounds = 10;

}  // namespace

std::unique_ptr<net::TlsSession> SharedTls::new_session() {
  const std::shared_ptr<net::TlsContext> current = *context.lock();
  return current->new_session();
}

LoopFront::LoopFront(Parts parts)
    : parts_(std::move(parts)),
      log_(parts_.environment.log, "xmpp"),
      link_(parts_.middle.connect(parts_.loop,
                                  middle::NodeId("xmpp-" + std::to_string(parts_.index)), this)),
      host_{.config = parts_.config,
            .environment = parts_.environment,
            .node = link_.node,
            .loop_index = parts_.index,
            .domain = prepared_domain(parts_.config),
            .unknown_secret = parts_.unknown_secret,
            .addresses = parts_.addresses,
            .keys = parts_.keys,
            .metrics = make_xmpp_metrics(parts_.environment.metrics),
            .service = link_.service.get(),
            .feeds = link_.feeds.get(),
            .channels = &channels_,
            .hand_over = this},
      im_(host_),
      untold_(parts_.loop,
              [this](const middle::OwnersChanged& untold) { on_owners_changed(untold); }) {
  host_.handler = &im_;
  parts_.fill_channels(channels_, parts_.environment, *link_.service, *link_.feeds);
}

// Streams first, then sessions, then what sessions use.
LoopFront::~LoopFront() {
  parts_.loop.cancel(sweep_timer_);
  parts_.loop.cancel(stop_timer_);
  stop_draining();
  for (auto& transport : transports_)
    if (transport) transport->stream().on_closed();
  transports_.clear();
}

void post_to(const std::shared_ptr<LoopDoor>& door, std::function<void(LoopFront&)> task) {
  door->loop.post([door, task = std::move(task)] {
    if (door->front) task(*door->front);
  });
}

void LoopFront::start(std::unique_ptr<net::Listener> plain,
                      std::unique_ptr<net::Listener> secured) {
  plain_ = std::move(plain);
  secured_ = std::move(secured);
  open_gate(plain_gate_, false);
  open_gate(secured_gate_, true);
  plain_->start([this](net::Descriptor socket, net::Address peer) {
    plain_gate_->accept(std::move(socket), std::move(peer));
  });
  secured_->start([this](net::Descriptor socket, net::Address peer) {
    secured_gate_->accept(std::move(socket), std::move(peer));
  });
  schedule_sweep();
}

void LoopFront::open_gate(std::optional<net::ProxyGate>& gate, bool secured) {
  gate.emplace(parts_.loop, parts_.proxies,
               net::ProxyGateLimits{
                   .header_timeout = parts_.config.login_timeout,
                   .waiting_max = static_cast<std::size_t>(parts_.config.address_logins_max)},
               net::proxy_refusals(parts_.environment.metrics, secured ? "xmpps" : "xmpp"),
               [this, secured](net::Descriptor socket, net::Address peer) {
                 accept(std::move(socket), std::move(peer), secured);
               });
}

net::ConnectionLimits LoopFront::connection_limits() const {
  net::ConnectionLimits limits;
  limits.write_limit = static_cast<std::size_t>(parts_.config.write_buffer_max);
  limits.write_high_mark = std::min(limits.write_high_mark, limits.write_limit / 2);
  limits.write_low_mark = std::min(limits.write_low_mark, limits.write_high_mark / 2);
  return limits;
}

void LoopFront::accept(net::Descriptor socket, net::Address peer, bool secured) {
  // An address over its limits is closed without a word: a word costs more than it sent.
  if (host_.stopping || !parts_.addresses.connected(peer.ip)) return;
  host_.metrics.connections.add(1);
  auto tls = secured ? new_tls_session() : nullptr;
  SocketTransport& transport = adopt(std::make_unique<SocketTransport>(
      host_, *this, parts_.loop,
      SocketTransport::Socket{std::move(socket), std::move(peer), connection_limits()},
      std::move(tls)));
  logins_.emplace_back(host_.clock().monotonic() + parts_.config.login_timeout,
                       transport.stream().handle());
}

SocketTransport& LoopFront::adopt(std::unique_ptr<SocketTransport> transport) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(transports_.size()));
    transports_.emplace_back();
  }
  transport->slot = free_slots_.back();
  free_slots_.pop_back();
  ++open_;
  auto& place = transports_[transport->slot];
  place = std::move(transport);
  return *place;
}

void LoopFront::transport_closed(SocketTransport& transport) {
  parts_.addresses.closed(transport.peer_ip(), transport.stream().was_bound());
  host_.metrics.connections.add(-1);
  const std::uint32_t slot = transport.slot;
  free_slots_.push_back(slot);
  --open_;
  transports_[slot].reset();
}

// ---- from the middle

void LoopFront::on_stanza(middle::RoutedStanza stanza) {
  if (Session* session = host_.sessions.find(stanza.to, stanza.resource))
    im_.on_routed(*session, std::move(stanza));
}

void LoopFront::on_session_closed(middle::SessionClosed closed) {
  Session* session = host_.sessions.find(closed.account, closed.resource);
  if (session == nullptr) return;
  if (closed.below != 0 && session->number() >= closed.below) return;
  switch (closed.why) {
    case ErrorCode::kAlreadyExists:
      session->end(StreamError::kConflict);
      return;
    case ErrorCode::kPermissionDenied:
      session->end(StreamError::kPolicyViolation, "banned");
      return;
    case ErrorCode::kUnauthenticated:
      session->end(StreamError::kNotAuthorized, "the password was changed");
      return;
    case ErrorCode::kNotFound:
      session->end(StreamError::kNotAuthorized, "the account was removed");
      return;
    default:
      session->end(StreamError::kReset);
      return;
  }
}

void LoopFront::on_receiver_gone(middle::ReceiverGone gone) {
  if (Session* session = host_.sessions.find(gone.account, gone.resource))
    im_.on_receiver_gone(*session);
}

void LoopFront::on_registration_changed(middle::RegistrationChanged changed) {
  for (Session* session : host_.sessions.of(changed.device)) session->registration_changed(changed);
}

// What it does not know of a session, it cannot close, nor reach.
void LoopFront::on_owners_changed(const middle::OwnersChanged& changed) {
  std::vector<middle::SessionPresence> told;
  const auto tell = [&] {
    link_.service->keep_sessions(std::exchange(told, {}), [this, changed](const Status& kept) {
      if (!kept.ok() && !host_.stopping) untold_.add(changed);
    });
  };
  auto& handles = host_.sessions.handles();
  for (std::size_t i = 0; i < handles.slot_count(); ++i) {
    Session* session = handles.at_slot(i);
    if (session == nullptr || !changed.concerns(session->account())) continue;
    told.push_back(im_.presence_of(*session));
    if (told.size() == kSessionsToldAtOnce) tell();
  }
  if (!told.empty()) tell();
}

// ---- sweeping

void LoopFront::schedule_sweep() {
  sweep_timer_ = parts_.loop.schedule(kSweepInterval, [this] {
    sweep();
    schedule_sweep();
  });
}

void LoopFront::sweep() {
  const MonotonicTime now = host_.clock().monotonic();
  sweep_logins(now);
  sweep_connections(now);
  sweep_sessions(now);
  for (Task& task : std::exchange(host_.at_next_sweep, {})) task();
}

void LoopFront::sweep_logins(MonotonicTime now) {
  while (!logins_.empty() && logins_.front().first <= now) {
    Stream* stream = host_.streams.find(logins_.front().second);
    logins_.pop_front();
    if (stream != nullptr && !stream->login_in_time(now))
      stream->close(StreamError::kConnectionTimeout);
  }
}

void LoopFront::sweep_connections(MonotonicTime now) {
  for (std::size_t n = transports_.size() / kSweepRounds + 1; n > 0 && !transports_.empty(); --n) {
    next_slot_ = (next_slot_ + 1) % transports_.size();
    SocketTransport* transport = transports_[next_slot_].get();
    if (transport == nullptr || transport->connection().closing()) continue;
    const auto silent = now - transport->connection().last_read();
    if (silent > parts_.config.idle_timeout) {
      transport->stream().close(StreamError::kConnectionTimeout);
    } else if (silent > parts_.config.ping_after && !transport->pinged) {
      transport->pinged = true;
      transport->stream().ping();
    } else if (silent <= parts_.config.ping_after) {
      transport->pinged = false;
    }
  }
}

void LoopFront::sweep_sessions(MonotonicTime now) {
  auto& handles = host_.sessions.handles();
  for (std::size_t n = handles.slot_count() / kSweepRounds + 1; n > 0 && handles.slot_count() > 0;
       --n) {
    next_session_ = (next_session_ + 1) % handles.slot_count();
    Session* session = handles.at_slot(next_session_);
    if (session != nullptr && session->resumption_expired(now)) session->end(StreamError::kNone);
  }
}

// ---- stopping

void LoopFront::stop(Task done) {
  host_.stopping = true;
  stopped_ = std::move(done);
  stop_draining();
  if (plain_) plain_->stop();
  if (secured_) secured_->stop();
  plain_gate_.reset();
  secured_gate_.reset();
  for (auto& transport : transports_)
    if (transport) transport->stream().close(StreamError::kSystemShutdown);
  auto& handles = host_.sessions.handles();
  for (std::size_t i = 0; i < handles.slot_count(); ++i)
    if (Session* session = handles.at_slot(i)) session->end(StreamError::kSystemShutdown);
  await_stop(host_.clock().monotonic() + kStopPatience);
}

// The owner destroys this object in the task: not from inside one of our own calls.
void LoopFront::await_stop(MonotonicTime until) {
  const bool quiet = open_ == 0 && host_.closes_under_way == 0;
  if (quiet || host_.clock().monotonic() >= until) {
    parts_.loop.post(std::exchange(stopped_, nullptr));
    return;
  }
  stop_timer_ = parts_.loop.schedule(kStopCheckInterval, [this, until] { await_stop(until); });
}

}  // namespace longwire::xmpp
