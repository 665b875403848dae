#pragma once

// EntryReceiver: from frames of the server to the app, once each and in order; and what is to be
// told to the server about it. No I/O but for the state's journal.
//
// The state may hold registrations of other apps, or of other packages: what is theirs is neither
// asked for nor taken nor acknowledged, so it waits on the server until their app runs.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "channels/aead/seal.h"
#include "longwire/sdk/client.h"
#include "sdk/cpp/state.h"

namespace longwire::channels::wire {
class Control;
class Push;
class ServerFrame;
class Withdrawal;
}  // namespace longwire::channels::wire

namespace longwire::sdk {

// What becomes of the registration with a frame.
enum class Outcome : std::uint8_t { kNothing, kEnded };

// Bound to the SDK's thread.
class EntryReceiver final {
 public:
  static constexpr std::chrono::seconds kAcknowledgeAfter{1};
  static constexpr std::size_t kAcknowledgeEntries = 16;

  EntryReceiver(const Options& options, StateStore& store, Listener& listener);

  // A frame that is not the answer to a request. Unknown ones are skipped.
  Outcome take(BytesView frame, MonotonicTime now);

  // The frame that says how far the app is in each feed; the first on every connection. Empty
  // where nothing is registered: to be sent all the same.
  Bytes positions() const;
  // An acknowledgement is due at this time.
  std::optional<MonotonicTime> acknowledge_at() const { return due_; }
  // The frame of all that is to be acknowledged, once; empty where there is nothing, or where the
  // state could not be made durable.
  Bytes take_acknowledgements();
  // A new connection: positions say it all.
  void forget_acknowledgements();

 private:
  struct Place {
    RegistrationState* registration = nullptr;
    FeedState* feed = nullptr;
  };
  // The options' own registration; null where `reg_id` is another's.
  RegistrationState* mine(const std::string& reg_id);
  // No place: not ours, or had already.
  std::optional<Place> place(const std::string& reg_id, const std::string& feed,
                             std::int64_t number, MonotonicTime now);
  void take_push(const channels::wire::Push& push, MonotonicTime now);
  void take_withdrawal(const channels::wire::Withdrawal& withdrawal, MonotonicTime now);
  Outcome take_control(const channels::wire::Control& control, MonotonicTime now);
  void remove_name(RegistrationState& registration, const CarriedName& name);
  void reset(const channels::wire::Control& control);
  Result<Message> open(const channels::wire::Push& push, const Place& place);
  void hand_over(const Message& message, const Place& place, const Bytes& message_id);
  void finished(const Place& place, std::uint64_t number, const Bytes& message_id);
  void acknowledge(const std::string& reg_id, const std::string& feed, MonotonicTime now);
  void report(const Error& error);

  const Options& options_;
  StateStore& store_;
  Listener& listener_;
  std::map<std::uint8_t, std::unique_ptr<channels::Sealer>> sealers_;  // by cipher
  std::map<std::string, channels::SealKey> keys_;                 // by regId, incarnation, feed
  std::set<std::pair<std::string, std::string>> to_acknowledge_;  // regId, feed
  std::size_t unacknowledged_ = 0;
  std::optional<MonotonicTime> due_;
};

}  // namespace longwire::sdk
