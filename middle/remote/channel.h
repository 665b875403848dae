#pragma once

// Channel: one end of the connection between two processes of the tiers: calls on their way, each
// with its deadline, and what comes in. Moves messages, knows no socket: `Wire` carries bytes,
// which may be a connection or, in the simulation, a queue.
//
// A call is answered exactly once: by the other end, by its deadline (kDeadlineExceeded: it may
// have been done), or by the channel's end (kUnknownOutcome where it had left, kUnavailable where
// not). At most `calls_max` are on their way; more are refused with kUnavailable, so that a slow
// other end costs its callers a quick answer and not this process its memory.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/executor.h"
#include "base/function.h"
#include "middle/remote/frame_cutter.h"
#include "middle/remote/message.h"

namespace longwire::middle::remote {

struct ChannelLimits {
  wire::WireLimits wire;
  std::size_t calls_max = 4096;  // on their way, of either end
  std::chrono::milliseconds call_timeout{30'000};
  std::chrono::milliseconds retry_after{200};
};

// Where a channel's bytes go. Loop-bound; never calls back inside the call.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void write(BytesView bytes) = 0;
};

// What comes over a channel. Loop-bound.
class ChannelHandler {
 public:
  virtual ~ChannelHandler() = default;
  // A call or a oneway. The message holds until the call returns.
  virtual void on_message(IncomingMessage& message) = 0;
};

// Loop-bound.
class Channel final {
 public:
  // All references outlive it.
  Channel(Executor& loop, const Clock& clock, const ChannelLimits& limits, Wire& wire,
          ChannelHandler& handler);
  // Answers what is on its way.
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  using Answered = UniqueFunction<void(Result<IncomingMessage*>)>;
  // `write_arguments` gets the OutgoingMessage. `answered` runs later, on the loop.
  template <typename WriteArguments>
  void call(std::string_view name, WriteArguments write_arguments, Answered answered) {
    const auto id = admit(std::move(answered));
    if (!id) return addressed_.reset();
    OutgoingMessage message({MessageKind::kCall, std::string(name), *id});
    write_arguments(message);
    message.field(kDeadlineField, limits_.call_timeout);
    message.field(kAddressedField, std::exchange(addressed_, std::nullopt));
    wire_.write(std::move(message).take());
  }
  // The next call is meant for the owner that claims this.
  void address_next(const PartitionClaim& claim) { addressed_ = claim; }
  void reply(OutgoingMessage message) { wire_.write(std::move(message).take()); }
  template <typename... Args>
  void oneway(std::string_view name, const Args&... arguments) {
    OutgoingMessage message({MessageKind::kOneway, std::string(name), 0});
    wire_.write(std::move(message.arguments(arguments...)).take());
  }

  // The other end is gone: calls on their way are answered by later turns (it is open whether they
  // were carried out), and those that come are refused.
  void end();

  // Bytes of the other end. An error: they are no messages, and the channel is of no further use.
  Status feed(BytesView bytes);

 private:
  struct Pending {
    Answered answered;
    MonotonicTime deadline{0};
  };

  // Empty: refused, and answered so by a later turn.
  std::optional<CallId> admit(Answered answered);
  void answer(CallId id, Result<IncomingMessage*> with);
  Error ended() const;
  void arm();
  void expire();

  Executor& loop_;
  const Clock& clock_;
  const ChannelLimits limits_;
  Wire& wire_;
  ChannelHandler& handler_;
  FrameCutter cutter_;
  CallId last_id_ = 0;
  std::optional<PartitionClaim> addressed_;
  std::unordered_map<CallId, Pending> pending_;
  bool ended_ = false;
  std::deque<std::pair<MonotonicTime, CallId>> deadlines_;  // all calls wait equally long: in order
  TimerId timer_ = TimerId::kNone;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// A call whose answer is wanted while `*alive`.
template <typename R, typename... Args>
void call_channel(Channel& channel, std::string_view name, const std::shared_ptr<bool>& alive,
                  Callback<R> done, const Args&... args) {
  channel.call(
      name, [&](OutgoingMessage& message) { message.arguments(args...); },
      [done = std::move(done), alive](Result<IncomingMessage*> answered) mutable {
        if (!*alive) return;
        if (!answered.ok()) return done(std::move(answered).error());
        done((*answered)->template answer<R>());
      });
}

}  // namespace longwire::middle::remote
