#include "sdk/cpp/entry_receiver.h"

#include "base/encoding.h"
#include "channels/codec/compact.h"
#include "channels/codec/push_body.h"
#include "channels/idl/push_types.h"

namespace longwire::sdk {

namespace wire = channels::wire;

namespace {

constexpr std::size_t kKeysMax = 1024;

std::string via_word(const wire::Push& push) {
  if (!push.__isset.via) return "regid";
  switch (push.via) {
    case wire::Via::ALIAS:
      return "alias";
    case wire::Via::ACCOUNT:
      return "account";
    case wire::Via::TOPIC:
      return "topic";
    case wire::Via::ALL:
      return "all";
    case wire::Via::REG_ID:
      break;
  }
  return "regid";
}

Message message_of(const wire::Push& push, channels::PushBody body) {
  Message message;
  message.id = hex_encode(push.message_id);
  message.feed = push.feed;
  message.number = static_cast<std::uint64_t>(push.number);
  message.title = std::move(body.title);
  message.description = std::move(body.description);
  message.payload = std::move(body.payload);
  message.extra = std::move(body.extra);
  message.pass_through = body.pass_through;
  message.notify_type = body.notify_type;
  message.notify_id = body.notify_id;
  message.via = via_word(push);
  message.via_name = push.via_name;
  message.collapse_key = push.collapse_key;
  message.accepted_ms = push.accepted_ms;
  message.expires_ms = push.expires_ms;
  return message;
}

wire::RegistrationPositions positions_of(const RegistrationState& registration) {
  wire::RegistrationPositions positions;
  positions.reg_id = registration.reg_id;
  positions.incarnation = registration.incarnation;
  for (const FeedState& feed : registration.feeds) {
    wire::FeedPosition position;
    position.feed = feed.feed;
    position.number = static_cast<std::int64_t>(feed.number);
    if (!feed.incarnation.empty()) position.__set_incarnation(feed.incarnation);
    positions.feeds.push_back(position);
  }
  return positions;
}

NameKind name_kind(wire::NameKind::type kind) {
  if (kind == wire::NameKind::ACCOUNT) return NameKind::kAccount;
  if (kind == wire::NameKind::TOPIC) return NameKind::kTopic;
  return NameKind::kAlias;
}

}  // namespace

EntryReceiver::EntryReceiver(const Options& options, StateStore& store, Listener& listener)
    : options_(options), store_(store), listener_(listener) {}

RegistrationState* EntryReceiver::mine(const std::string& reg_id) {
  RegistrationState* own = store_.state().find(options_.app_id, options_.package);
  return own != nullptr && own->reg_id == reg_id ? own : nullptr;
}

Outcome EntryReceiver::take(BytesView frame, MonotonicTime now) {
  auto decoded = channels::decode_compact<wire::ServerFrame>(frame, channels::kFromServer);
  if (!decoded.ok()) {
    report(decoded.error());
    return Outcome::kNothing;
  }
  const auto& set = decoded->__isset;
  if (set.push) take_push(decoded->push, now);
  if (set.withdrawal) take_withdrawal(decoded->withdrawal, now);
  if (set.failure)
    listener_.on_error({.code = decoded->failure.code, .text = decoded->failure.text});
  if (set.control) return take_control(decoded->control, now);
  return Outcome::kNothing;
}

std::optional<EntryReceiver::Place> EntryReceiver::place(const std::string& reg_id,
                                                         const std::string& feed,
                                                         std::int64_t number, MonotonicTime now) {
  RegistrationState* registration = mine(reg_id);
  if (registration == nullptr || number <= 0) return std::nullopt;
  FeedState& at = registration->feed(feed);
  acknowledge(reg_id, feed, now);
  if (static_cast<std::uint64_t>(number) <= at.number) return std::nullopt;
  return Place{registration, &at};
}

void EntryReceiver::take_push(const wire::Push& push, MonotonicTime now) {
  auto at = place(push.reg_id, push.feed, push.number, now);
  const auto number = static_cast<std::uint64_t>(push.number);
  const auto* registration = mine(push.reg_id);
  // After storage began anew the same message comes under another number.
  const bool known = registration != nullptr && registration->is_known(push.message_id);
  if (known) listener_.on_repeated(hex_encode(push.message_id), push.feed, number);
  if (!at.has_value()) return;
  if (known) return finished(*at, number, push.message_id);
  auto message = open(push, *at);
  if (message.ok()) return hand_over(*message, *at, push.message_id);
  report(message.error());
  finished(*at, number, push.message_id);
}

Result<Message> EntryReceiver::open(const wire::Push& push, const Place& place) {
  const auto cipher = channels::seal_cipher(static_cast<std::int64_t>(push.cipher));
  if (!cipher.has_value())
    return Error{ErrorCode::kUnsupported, "a push is sealed in a way that this SDK does not know"};
  auto& sealer = sealers_[static_cast<std::uint8_t>(*cipher)];
  if (sealer == nullptr) sealer = std::make_unique<channels::Sealer>(*cipher);
  const std::string& incarnation = place.registration->incarnation_of(*place.feed);
  const std::string name = push.reg_id + "\n" + incarnation + "\n" + push.feed;
  if (keys_.size() >= kKeysMax) keys_.clear();
  auto key = keys_.find(name);
  if (key == keys_.end())
    key = keys_
              .emplace(name, channels::derive_seal_key({.secret = place.registration->secret,
                                                        .incarnation = incarnation,
                                                        .feed = push.feed}))
              .first;
  auto body = sealer->open(key->second,
                           {.registration = push.reg_id,
                            .feed = push.feed,
                            .number = static_cast<std::uint64_t>(push.number),
                            .nonce = push.message_id},
                           push.sealed);
  if (!body.ok()) return body.error();
  auto decoded = channels::decode_push_body(*body);
  if (!decoded.ok()) return decoded.error();
  return message_of(push, std::move(*decoded));
}

void EntryReceiver::hand_over(const Message& message, const Place& place, const Bytes& message_id) {
  Message handed = message;
  handed.again = place.feed->begun >= message.number;
  // Names, since the app may do anything meanwhile, and unregister() takes the places away.
  const std::string reg_id = place.registration->reg_id;
  const std::string feed = place.feed->feed;
  if (Status begun = store_.begin(reg_id, feed, message.number); !begun.ok()) report(begun.error());
  listener_.on_message(handed);
  if (Status done = store_.finish(reg_id, feed, message.number, message_id); !done.ok())
    report(done.error());
}

void EntryReceiver::finished(const Place& place, std::uint64_t number, const Bytes& message_id) {
  Status done = store_.finish(place.registration->reg_id, place.feed->feed, number, message_id);
  if (!done.ok()) report(done.error());
}

void EntryReceiver::take_withdrawal(const wire::Withdrawal& withdrawal, MonotonicTime now) {
  auto at = place(withdrawal.reg_id, withdrawal.feed, withdrawal.number, now);
  if (!at.has_value()) return;
  listener_.on_withdrawn(hex_encode(withdrawal.message_id));
  finished(*at, static_cast<std::uint64_t>(withdrawal.number), Bytes());
}

Outcome EntryReceiver::take_control(const wire::Control& control, MonotonicTime now) {
  if (control.kind == wire::ControlKind::FEED_RESET) {
    reset(control);
    return Outcome::kNothing;
  }
  RegistrationState* registration = mine(control.reg_id);
  if (registration == nullptr) return Outcome::kNothing;
  if (control.__isset.number) {
    auto at = place(control.reg_id, control.feed, control.number, now);
    if (!at.has_value()) return Outcome::kNothing;
    finished(*at, static_cast<std::uint64_t>(control.number), Bytes());
  }
  if (control.kind == wire::ControlKind::NAMES_CHANGED && control.__isset.name)
    remove_name(*registration, {.kind = name_kind(control.name_kind), .name = control.name});
  return control.kind == wire::ControlKind::ENDED ? Outcome::kEnded : Outcome::kNothing;
}

void EntryReceiver::remove_name(RegistrationState& registration, const CarriedName& name) {
  if (registration.carries(name)) {
    registration.carry(name, false);
    if (Status saved = store_.save(); !saved.ok()) report(saved.error());
  }
  listener_.on_name_removed(name.kind, name.name);
}

void EntryReceiver::reset(const wire::Control& control) {
  RegistrationState* registration = mine(control.reg_id);
  if (registration == nullptr || !control.__isset.incarnation) return;
  registration->expect_replay();
  if (control.__isset.feed) {
    registration->feed(control.feed) = {
        .feed = control.feed, .incarnation = control.incarnation, .number = 0, .begun = 0};
  } else {
    registration->incarnation = control.incarnation;
    registration->feeds.clear();
  }
  if (Status saved = store_.save(); !saved.ok()) report(saved.error());
}

Bytes EntryReceiver::positions() const {
  wire::Positions positions;
  const auto* own = store_.state().find(options_.app_id, options_.package);
  if (own != nullptr && !own->reg_id.empty()) positions.registrations.push_back(positions_of(*own));
  wire::ClientFrame frame;
  frame.__set_positions(positions);
  return channels::encode_compact(frame);
}

void EntryReceiver::acknowledge(const std::string& reg_id, const std::string& feed,
                                MonotonicTime now) {
  to_acknowledge_.emplace(reg_id, feed);
  ++unacknowledged_;
  if (!due_.has_value()) due_ = now + kAcknowledgeAfter;
  if (unacknowledged_ >= kAcknowledgeEntries) due_ = now;
}

Bytes EntryReceiver::take_acknowledgements() {
  const auto places = std::exchange(to_acknowledge_, {});
  forget_acknowledgements();
  if (places.empty()) return {};
  // What the server is told must not be forgotten here.
  if (Status synced = store_.sync(); !synced.ok()) {
    report(synced.error());
    return {};
  }
  wire::Acknowledgements all;
  for (const auto& [reg_id, feed] : places) {
    RegistrationState* registration = mine(reg_id);
    if (registration == nullptr) continue;
    wire::Acknowledgement item;
    item.reg_id = reg_id;
    item.feed = feed;
    item.number = static_cast<std::int64_t>(registration->feed(feed).number);
    if (item.number > 0) all.items.push_back(std::move(item));
  }
  if (all.items.empty()) return {};
  wire::ClientFrame frame;
  frame.__set_acknowledgements(all);
  return channels::encode_compact(frame);
}

void EntryReceiver::forget_acknowledgements() {
  to_acknowledge_.clear();
  unacknowledged_ = 0;
  due_.reset();
}

void EntryReceiver::report(const Error& error) {
  listener_.on_error({.code = std::string(error_code_name(error.code)), .text = error.message});
}

}  // namespace longwire::sdk
