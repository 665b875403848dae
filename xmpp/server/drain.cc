#include "xmpp/server/drain.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

constexpr std::chrono::milliseconds kTick{50};
// For a client to acknowledge, and for the middle to deal with what it sent.
constexpr std::chrono::milliseconds kPatience{2'000};
// Then what is left is cut by stop().
constexpr std::chrono::milliseconds kEndPatience{5'000};

}  // namespace

void LoopFront::drain(const XmppDrain& how, Task done) {
  if (host_.stopping) return;
  plain_->stop();
  secured_->stop();
  host_.draining = true;
  drain_ = std::make_unique<Drain>();
  drain_->why = how.come_back ? StreamError::kReset : StreamError::kSystemShutdown;
  drain_->spread = how.spread;
  drain_->told_until = host_.clock().monotonic() + how.spread;
  drain_->at_first = untold();
  drain_->done = std::move(done);
  end_detached();
  go_on_draining();
}

void LoopFront::stop_draining() {
  if (!drain_) return;
  parts_.loop.cancel(drain_->timer);
  drain_.reset();
}

void LoopFront::go_on_draining() {
  tell_next_to_leave();
  end_those_that_may_leave();
  const bool late = host_.clock().monotonic() > drain_->told_until + kPatience + kEndPatience;
  if ((open_ == 0 && host_.closes_under_way == 0) || late) {
    parts_.loop.post(std::exchange(drain_->done, nullptr));
    return;
  }
  drain_->timer = parts_.loop.schedule(kTick, [this] { go_on_draining(); });
}

std::size_t LoopFront::untold() const {
  return static_cast<std::size_t>(std::count_if(
      transports_.begin(), transports_.end(),
      [](const auto& transport) { return transport != nullptr && !transport->leaving; }));
}

// As many as keep pace with the time that passes; at its end all. Who logs in now may finish that
// first.
void LoopFront::tell_next_to_leave() {
  const MonotonicTime now = host_.clock().monotonic();
  const bool all = now >= drain_->told_until;
  const std::size_t left = untold();
  const std::size_t may_stay = all ? 0 : drain_->may_stay(now);
  std::size_t share = left - std::min(left, may_stay);
  for (std::size_t seen = 0; seen < transports_.size() && share > 0; ++seen) {
    drain_->next_slot = (drain_->next_slot + 1) % transports_.size();
    SocketTransport* transport = transports_[drain_->next_slot].get();
    if (transport == nullptr || transport->leaving) continue;
    if (!all && transport->stream().session() == nullptr) continue;
    transport->leaving = true;
    drain_->leaving.push_back({transport->stream().handle(), now + kPatience});
    --share;
  }
}

void LoopFront::end_those_that_may_leave() {
  const MonotonicTime now = host_.clock().monotonic();
  auto still = std::exchange(drain_->leaving, {});
  for (const Drain::Leaving& leaving : still) {
    Stream* stream = host_.streams.find(leaving.stream);
    if (stream == nullptr || stream->phase() == Stream::Phase::kClosed) continue;
    Session* session = stream->session();
    if (session == nullptr) {
      stream->close(drain_->why);
    } else if (session->may_leave() || now >= leaving.deadline) {
      session->leave(drain_->why);
    } else {
      drain_->leaving.push_back(leaving);
    }
  }
}

// Whoever comes back for one comes to another process, is told so, and binds anew.
void LoopFront::end_detached() {
  auto& handles = host_.sessions.handles();
  for (std::size_t i = 0; i < handles.slot_count(); ++i) {
    Session* session = handles.at_slot(i);
    if (session != nullptr && !session->attached()) session->end(StreamError::kNone);
  }
}

}  // namespace longwire::xmpp
