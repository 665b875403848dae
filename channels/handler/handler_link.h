#pragma once

// HandlerLink: the way to the program that serves one channel: connects, welcomes, calls, and keeps
// a program that is slow, dead or lies from costing more than its own channel.
//
//   away      no connection, or no answer to the welcome yet: calls are refused
//   serving   calls go out, up to calls_in_flight_max without their answers
//   refusing  it failed failures_max times in a row: as away, and left alone for retry_pause
//   probing   connected again after that: one call at a time, until one is answered in time
//
// An answer that cannot be read, or to what was never asked, ends the connection; one that comes
// after its deadline is dropped. Which sessions the handler was told of is remembered for the
// connection: a new one is told of each before its next request.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/environment.h"
#include "channels/handler/breaker.h"
#include "channels/handler/handler_config.h"
#include "channels/handler/handler_messages.h"
#include "channels/handler/handler_wire.h"
#include "middle/remote/frame_cutter.h"

namespace longwire::channels {

enum class HandlerState : std::uint8_t { kAway, kServing, kProbing, kRefusing };
std::string_view handler_state_name(HandlerState state);

// Of a session, unique in the process.
using HandlerSessionKey = std::uint64_t;

// Loop-bound.
class HandlerLink final : private HandlerWireEvents {
 public:
  struct Parts {
    Environment environment;
    const HandlersConfig& config;
    HandlerWelcome welcome;
    HandlerDial dial;
  };
  // All that is given outlives it. start() begins to connect.
  explicit HandlerLink(Parts parts);
  // Calls under way are dropped: their sessions are gone.
  ~HandlerLink() override;
  HandlerLink(const HandlerLink&) = delete;
  HandlerLink& operator=(const HandlerLink&) = delete;

  void start() { dial(); }
  HandlerState state() const;

  // The error becomes the client's: kUnavailable without a time (nobody there), kResourceExhausted
  // (too much under way), kDeadlineExceeded, or the handler's own. Called once, now or later.
  using Answered = UniqueFunction<void(Result<Bytes>)>;
  void call(HandlerSessionKey session, HandlerRequest request, Answered answered);
  // The session has ended.
  void disconnected(HandlerSessionKey session, const HandlerPeer& peer);

 private:
  enum class Phase : std::uint8_t { kAway, kGreeting, kServing };
  struct Pending {
    Answered answered;  // empty: the welcome
    MonotonicTime begun{0};
  };
  struct Instruments;

  void on_data(BytesView bytes) override;
  void on_closed() override;

  void dial();
  bool take(HandlerAnswer answer);
  void fail(std::string_view why);
  void end(std::string_view why);
  HandlerCallId admit(Answered answered);
  void finish(std::unordered_map<HandlerCallId, Pending>::iterator call, Result<Bytes> with);
  void arm();
  void expire();
  void tell(std::string_view why);

  const Parts parts_;
  const Logger log_;
  const std::unique_ptr<Instruments> instruments_;
  Breaker breaker_;
  Phase phase_ = Phase::kAway;
  HandlerState told_state_ = HandlerState::kAway;
  std::unique_ptr<HandlerWire> wire_;
  std::optional<middle::remote::FrameCutter> cutter_;
  HandlerCallId last_id_ = 0;
  HandlerCallId highest_id_ = 0;  // ever used on this connection
  std::unordered_map<HandlerCallId, Pending> pending_;
  std::unordered_set<HandlerSessionKey> known_;  // sessions that the handler was told of
  std::deque<std::pair<MonotonicTime, HandlerCallId>> deadlines_;  // all wait equally long
  TimerId deadline_timer_ = TimerId::kNone;
  TimerId dial_timer_ = TimerId::kNone;
};

}  // namespace longwire::channels
