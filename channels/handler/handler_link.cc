#include "channels/handler/handler_link.h"

#include <algorithm>
#include <limits>

namespace longwire::channels {
namespace {

constexpr std::chrono::milliseconds kBusyRetry{1'000};

// Without a time: who serves it is not there (xmpp/protocol/errors.cc).
Error away() { return {ErrorCode::kUnavailable, "the channel's handler is away"}; }
Error busy() {
  return {ErrorCode::kResourceExhausted, "too many requests wait for the channel's handler",
          kBusyRetry};
}
Error late() { return {ErrorCode::kDeadlineExceeded, "the channel's handler did not answer"}; }

}  // namespace

std::string_view handler_state_name(HandlerState state) {
  switch (state) {
    case HandlerState::kAway:
      return "away";
    case HandlerState::kServing:
      return "serving";
    case HandlerState::kProbing:
      return "probing";
    case HandlerState::kRefusing:
      return "refusing";
  }
  return "away";
}

struct HandlerLink::Instruments {
  Instruments(Metrics& metrics, const std::string& channel)
      : state(metrics.gauge("longwire_handler_state",
                            "0: away, 1: serving, 2: probing, 3: refusing.",
                            {{"channel", channel}})),
        answered(calls(metrics, channel, "answered")),
        away(calls(metrics, channel, "away")),
        busy(calls(metrics, channel, "busy")),
        late(calls(metrics, channel, "late")),
        lies(metrics.counter("longwire_handler_lies_total",
                             "Connections ended for what a handler sent.", {{"channel", channel}})),
        seconds(metrics.latency("longwire_handler_call_seconds",
                                "From a request to the handler's answer.",
                                {{"channel", channel}})) {}
  static Counter& calls(Metrics& metrics, const std::string& channel, const char* end) {
    return metrics.counter("longwire_handler_calls_total",
                           "Requests on a handler's channel, by what became of them.",
                           {{"channel", channel}, {"end", end}});
  }

  Gauge& state;
  Counter& answered;
  Counter& away;
  Counter& busy;
  Counter& late;
  Counter& lies;
  Histogram& seconds;
};

HandlerLink::HandlerLink(Parts parts)
    : parts_(std::move(parts)),
      log_(parts_.environment.log, "handler"),
      instruments_(
          std::make_unique<Instruments>(parts_.environment.metrics, parts_.welcome.channel)),
      breaker_(parts_.config.failures_max, parts_.config.retry_pause) {}

HandlerLink::~HandlerLink() {
  parts_.environment.executor.cancel(deadline_timer_);
  parts_.environment.executor.cancel(dial_timer_);
}

HandlerState HandlerLink::state() const {
  if (phase_ == Phase::kServing)
    return breaker_.broken() ? HandlerState::kProbing : HandlerState::kServing;
  return breaker_.broken() ? HandlerState::kRefusing : HandlerState::kAway;
}

void HandlerLink::tell(std::string_view why) {
  const HandlerState now = state();
  if (now == told_state_) return;
  told_state_ = now;
  instruments_->state.set(static_cast<std::int64_t>(now));
  const std::initializer_list<LogField> fields = {
      {"channel", parts_.welcome.channel}, {"state", handler_state_name(now)}, {"why", why}};
  if (phase_ == Phase::kServing) {
    log_.info("state", fields);
  } else {
    log_.warn("state", fields);
  }
}

// ---- the connection

void HandlerLink::dial() {
  dial_timer_ = TimerId::kNone;
  wire_.reset();
  cutter_.emplace(message_bytes_max(static_cast<std::int32_t>(parts_.config.frame_bytes_max)));
  last_id_ = highest_id_ = 0;
  known_.clear();
  wire_ = parts_.dial(*this);
  phase_ = Phase::kGreeting;
  if (!wire_) return fail("cannot connect");
  wire_->write(write_welcome(admit(nullptr), parts_.welcome));
}

void HandlerLink::on_closed() {
  if (phase_ != Phase::kAway) fail("the connection ended");
}

void HandlerLink::fail(std::string_view why) {
  breaker_.failed();
  end(why);
}

void HandlerLink::end(std::string_view why) {
  phase_ = Phase::kAway;
  if (wire_) wire_->close();
  deadlines_.clear();
  parts_.environment.executor.cancel(std::exchange(deadline_timer_, TimerId::kNone));
  dial_timer_ = parts_.environment.executor.schedule(breaker_.pause(), [this] { dial(); });
  tell(why);
  // It is open whether they were carried out.
  for (auto& [id, call] : std::exchange(pending_, {})) {
    if (!call.answered) continue;
    instruments_->late.add();
    call.answered(late());
  }
}

void HandlerLink::on_data(BytesView bytes) {
  if (phase_ == Phase::kAway) return;
  cutter_->feed(bytes);
  while (phase_ != Phase::kAway) {
    const auto message = cutter_->next();
    if (message.ok() && !*message) return;
    auto answer =
        message.ok()
            ? read_answer(**message, static_cast<std::int32_t>(parts_.config.frame_bytes_max))
            : Result<HandlerAnswer>(message.error());
    if (answer.ok() && take(std::move(*answer))) continue;
    instruments_->lies.add();
    fail(answer.ok() ? "an answer to what was not asked" : answer.error().message);
  }
}

// False: it answers nothing that was ever asked.
bool HandlerLink::take(HandlerAnswer answer) {
  if (answer.id <= 0 || answer.id > highest_id_) return false;
  const auto call = pending_.find(answer.id);
  if (call == pending_.end()) return true;  // its deadline was before its answer
  if (answer.to_welcome != !call->second.answered) return false;
  if (answer.to_welcome) {
    pending_.erase(call);
    phase_ = Phase::kServing;
    if (answer.payload.ok()) {
      tell("welcomed");
    } else {
      fail("it refuses the welcome");
    }
    return true;
  }
  breaker_.answered();
  instruments_->answered.add();
  const std::chrono::duration<double> took =
      parts_.environment.clock.monotonic() - call->second.begun;
  instruments_->seconds.observe(took.count());
  finish(call, std::move(answer.payload));
  tell("an answer in time");
  return true;
}

// ---- calls

void HandlerLink::call(HandlerSessionKey session, HandlerRequest request, Answered answered) {
  const auto calls_max =
      breaker_.calls_max(static_cast<std::size_t>(parts_.config.calls_in_flight_max));
  if (phase_ != Phase::kServing || (breaker_.broken() && pending_.size() >= calls_max)) {
    instruments_->away.add();
    return answered(away());
  }
  if (pending_.size() >= calls_max || wire_->blocked()) {
    instruments_->busy.add();
    return answered(busy());
  }
  if (known_.insert(session).second) wire_->write(write_connected(request.peer));
  request.deadline = parts_.config.call_timeout;
  wire_->write(write_request(admit(std::move(answered)), request));
}

void HandlerLink::disconnected(HandlerSessionKey session, const HandlerPeer& peer) {
  if (known_.erase(session) != 0 && phase_ == Phase::kServing)
    wire_->write(write_disconnected(peer));
}

HandlerCallId HandlerLink::admit(Answered answered) {
  do {
    last_id_ = last_id_ == std::numeric_limits<HandlerCallId>::max() ? 1 : last_id_ + 1;
  } while (pending_.contains(last_id_));
  highest_id_ = std::max(highest_id_, last_id_);
  const MonotonicTime now = parts_.environment.clock.monotonic();
  pending_.emplace(last_id_, Pending{std::move(answered), now});
  deadlines_.emplace_back(now + parts_.config.call_timeout, last_id_);
  arm();
  return last_id_;
}

void HandlerLink::finish(std::unordered_map<HandlerCallId, Pending>::iterator call,
                         Result<Bytes> with) {
  Answered answered = std::move(call->second.answered);
  pending_.erase(call);
  answered(std::move(with));
}

// One timer for all: the earliest deadline is the first in the queue.
void HandlerLink::arm() {
  if (deadline_timer_ != TimerId::kNone || deadlines_.empty()) return;
  const MonotonicTime left = deadlines_.front().first - parts_.environment.clock.monotonic();
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(left);
  deadline_timer_ =
      parts_.environment.executor.schedule(std::max(wait, std::chrono::milliseconds(1)), [this] {
        deadline_timer_ = TimerId::kNone;
        expire();
      });
}

void HandlerLink::expire() {
  const MonotonicTime now = parts_.environment.clock.monotonic();
  bool any = false;
  while (!deadlines_.empty() && deadlines_.front().first <= now) {
    const auto [deadline, id] = deadlines_.front();
    deadlines_.pop_front();
    // An id may have come again since: then its deadline is a later one.
    const auto call = pending_.find(id);
    if (call == pending_.end() || call->second.begun + parts_.config.call_timeout != deadline)
      continue;
    if (!call->second.answered) return fail("no answer to the welcome");
    any = true;
    breaker_.failed();
    instruments_->late.add();
    finish(call, late());
  }
  if (any && breaker_.broken()) return end("too many answers did not come in time");
  arm();
}

}  // namespace longwire::channels
