#include "channels/handler/push_calls.h"

#include <utility>

namespace longwire::channels {
namespace {

constexpr std::size_t kUnderWayMax = 256;  // of a connection
constexpr std::chrono::milliseconds kBusyRetry{100};

std::int32_t frame_bytes_max(const HandlerHub& hub) {
  return static_cast<std::int32_t>(hub.config().frame_bytes_max);
}

}  // namespace

PushCalls::PushCalls(HandlerHub& hub, Write write)
    : hub_(hub), write_(std::move(write)), cutter_(message_bytes_max(frame_bytes_max(hub))) {}

PushCalls::~PushCalls() { *self_ = nullptr; }

Status PushCalls::feed(BytesView bytes) {
  cutter_.feed(bytes);
  for (;;) {
    const auto message = cutter_.next();
    if (!message.ok()) return message.error();
    if (!*message) return {};
    auto push = read_push_call(**message, frame_bytes_max(hub_));
    if (!push.ok()) return push.error();
    call(std::move(*push));
  }
}

void PushCalls::call(PushCall push) {
  const HandlerCallId id = push.id;
  auto done = [self = self_, id](const Result<std::int32_t>& with) {
    if (*self != nullptr) (*self)->answer(id, with);
  };
  if (++under_way_ > kUnderWayMax) {
    return hub_.executor().post([done] {
      done(Error{ErrorCode::kResourceExhausted, "too many pushes wait", kBusyRetry});
    });
  }
  hub_.push(std::move(push), std::move(done));
}

void PushCalls::answer(HandlerCallId id, const Result<std::int32_t>& with) {
  --under_way_;
  write_(write_push_answer(id, with));
}

}  // namespace longwire::channels
