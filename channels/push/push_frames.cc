#include "channels/push/push_frames.h"

#include <cstdint>
#include <utility>

#include "channels/codec/compact.h"
#include "channels/idl/push_types.h"
#include "middle/model/control.h"

namespace longwire::channels {

namespace {

std::int64_t signed_number(middle::FeedNumber number) { return static_cast<std::int64_t>(number); }

Bytes control(const wire::Control& control) {
  wire::ServerFrame frame;
  frame.__set_control(control);
  return encode_compact(frame);
}

std::optional<wire::NameKind::type> name_kind(middle::ControlKind kind) {
  switch (kind) {
    case middle::ControlKind::kAliasRemoved:
      return wire::NameKind::ALIAS;
    case middle::ControlKind::kAccountRemoved:
      return wire::NameKind::ACCOUNT;
    case middle::ControlKind::kTagRemoved:
      return wire::NameKind::TOPIC;
    case middle::ControlKind::kUnregistered:
      return std::nullopt;
  }
  return std::nullopt;
}

wire::Push push_of(const middle::RegId& registration, const middle::FeedId& feed,
                   const FetchedPush& fetched, std::int32_t cipher) {
  const middle::Entry& entry = *fetched.entry;
  wire::Push push;
  push.reg_id = registration.value();
  push.feed = feed.value();
  push.number = signed_number(entry.number);
  push.message_id = Bytes(entry.id.view());
  push.accepted_ms = entry.accepted.ms;
  push.expires_ms = entry.expires.ms;
  if (entry.via != middle::TargetKind::kRegId)
    push.__set_via(static_cast<wire::Via::type>(entry.via));
  if (!entry.via_name.empty()) push.__set_via_name(entry.via_name);
  if (!entry.collapse_key.empty()) push.__set_collapse_key(entry.collapse_key);
  push.cipher = static_cast<wire::Cipher::type>(cipher);
  push.sealed = fetched.sealed;
  return push;
}

}  // namespace

Bytes failure_frame(const Error& error) {
  wire::Failure failure;
  failure.code = error_code_name(error.code);
  failure.text = error.message;
  if (error.retry_after.count() > 0) failure.__set_retry_after_ms(error.retry_after.count());
  wire::ServerFrame frame;
  frame.__set_failure(failure);
  return encode_compact(frame);
}

Bytes withdrawal_frame(const middle::RegId& registration, const middle::FeedId& feed,
                       const middle::Entry& entry) {
  wire::Withdrawal withdrawal;
  withdrawal.reg_id = registration.value();
  withdrawal.feed = feed.value();
  withdrawal.number = signed_number(entry.number);
  withdrawal.message_id = Bytes(entry.id.view());
  wire::ServerFrame frame;
  frame.__set_withdrawal(withdrawal);
  return encode_compact(frame);
}

Bytes control_frame(const middle::RegId& registration, const middle::FeedId& feed,
                    const middle::Entry& entry) {
  wire::Control out;
  out.reg_id = registration.value();
  out.kind = wire::ControlKind::NAMES_CHANGED;
  out.__set_feed(feed.value());
  out.__set_number(signed_number(entry.number));
  // One of a newer middle: the device lists its names again, which is right for any change.
  if (auto change = middle::decode_control(entry.body); change.ok()) {
    if (auto kind = name_kind(change->kind); kind.has_value()) {
      out.__set_name_kind(*kind);
      out.__set_name(change->name);
    } else {
      out.kind = wire::ControlKind::ENDED;
    }
  }
  return control(out);
}

Bytes ended_frame(const middle::RegId& registration) {
  wire::Control out;
  out.reg_id = registration.value();
  out.kind = wire::ControlKind::ENDED;
  return control(out);
}

Bytes reset_frame(const middle::RegId& registration, const middle::Incarnation& incarnation,
                  const middle::FeedId* feed) {
  wire::Control out;
  out.reg_id = registration.value();
  out.kind = wire::ControlKind::FEED_RESET;
  out.__set_incarnation(incarnation.value());
  if (feed != nullptr) out.__set_feed(feed->value());
  return control(out);
}

Bytes registered_frame(const middle::Registration& registration,
                       const middle::Incarnation& incarnation) {
  wire::Registered registered;
  registered.reg_id = registration.id.value();
  registered.secret = registration.secret;
  registered.incarnation = incarnation.value();
  wire::ServerFrame frame;
  frame.__set_registered(registered);
  return encode_compact(frame);
}

Bytes done_frame() {
  wire::ServerFrame frame;
  frame.__set_done(wire::Done());
  return encode_compact(frame);
}

Bytes names_frame(const middle::Registration& registration) {
  wire::Names names;
  for (const auto& alias : registration.aliases) names.aliases.push_back(alias.value());
  for (const auto& account : registration.accounts) names.accounts.push_back(account.value());
  for (const auto& interval : registration.tags)
    if (!interval.topic_until.has_value()) names.topics.push_back(interval.tag.value());
  wire::ServerFrame frame;
  frame.__set_names(names);
  return encode_compact(frame);
}

Bytes fetched_frame(const middle::RegId& registration, const middle::FeedId& feed,
                    const FetchedPage& page, std::int32_t cipher) {
  wire::Fetched fetched;
  for (const FetchedPush& push : page.pushes)
    fetched.pushes.push_back(push_of(registration, feed, push, cipher));
  fetched.looked_at_to = signed_number(page.looked_at_to);
  fetched.tail = signed_number(page.tail);
  wire::ServerFrame frame;
  frame.__set_fetched(fetched);
  return encode_compact(frame);
}

}  // namespace longwire::channels
