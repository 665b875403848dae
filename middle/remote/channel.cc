#include "middle/remote/channel.h"

namespace longwire::middle::remote {

Channel::Channel(Executor& loop, const Clock& clock, const ChannelLimits& limits, Wire& wire,
                 ChannelHandler& handler)
    : loop_(loop),
      clock_(clock),
      limits_(limits),
      wire_(wire),
      handler_(handler),
      cutter_(limits.wire.bytes_max) {}

Channel::~Channel() {
  *alive_ = false;
  loop_.cancel(timer_);
  for (auto& [id, pending] : pending_) pending.answered(ended());
}

Error Channel::ended() const {
  return {ErrorCode::kUnknownOutcome,
          "the connection to the middle tier ended before its answer came", limits_.retry_after};
}

void Channel::end() {
  ended_ = true;
  deadlines_.clear();
  loop_.post([error = ended(), pending = std::move(pending_)]() mutable {
    for (auto& [id, one] : pending) one.answered(error);
  });
  pending_.clear();
}

std::optional<CallId> Channel::admit(Answered answered) {
  if (ended_ || pending_.size() >= limits_.calls_max) {
    const char* why =
        ended_ ? "no connection to the middle tier" : "too many calls to the middle tier wait";
    loop_.post([answered = std::move(answered), why, after = limits_.retry_after]() mutable {
      answered(Error{ErrorCode::kUnavailable, why, after});
    });
    return std::nullopt;
  }
  do {
    last_id_ = last_id_ == std::numeric_limits<CallId>::max() ? 1 : last_id_ + 1;
  } while (pending_.contains(last_id_));
  const MonotonicTime deadline = clock_.monotonic() + limits_.call_timeout;
  pending_.emplace(last_id_, Pending{std::move(answered), deadline});
  deadlines_.emplace_back(deadline, last_id_);
  arm();
  return last_id_;
}

// One timer for all: the earliest deadline is the first in the queue.
void Channel::arm() {
  if (timer_ != TimerId::kNone || deadlines_.empty()) return;
  const MonotonicTime left = deadlines_.front().first - clock_.monotonic();
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(left);
  timer_ = loop_.schedule(std::max(wait, std::chrono::milliseconds(1)), [this] {
    timer_ = TimerId::kNone;
    expire();
  });
}

void Channel::expire() {
  const MonotonicTime now = clock_.monotonic();
  const auto alive = alive_;
  while (*alive && !deadlines_.empty() && deadlines_.front().first <= now) {
    const auto [deadline, id] = deadlines_.front();
    deadlines_.pop_front();
    // An id may have come again since: then its deadline is a later one.
    const auto found = pending_.find(id);
    if (found == pending_.end() || found->second.deadline != deadline) continue;
    answer(id, Error{ErrorCode::kDeadlineExceeded, "the middle tier did not answer in time"});
  }
  if (*alive) arm();
}

void Channel::answer(CallId id, Result<IncomingMessage*> with) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;  // its deadline was before its answer
  Answered answered = std::move(found->second.answered);
  pending_.erase(found);
  answered(std::move(with));
}

Status Channel::feed(BytesView bytes) {
  cutter_.feed(bytes);
  const auto alive = alive_;
  for (;;) {
    const auto frame = cutter_.next();
    if (!frame.ok()) return frame.error();
    if (!*frame) return {};
    auto message = IncomingMessage::open(**frame, limits_.wire);
    if (!message.ok()) return message.error();
    if (message->head().kind == MessageKind::kReply) {
      answer(message->head().id, &*message);
    } else {
      handler_.on_message(*message);
    }
    if (!*alive) return {};
  }
}

}  // namespace longwire::middle::remote
