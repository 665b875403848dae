#pragma once

// Presence subscriptions as tables (RFC 6121 appendix A): what one side's roster item becomes when
// its owner sends, or is sent, one of the four kinds of subscription stanza. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include "middle/model/registry.h"

namespace longwire::xmpp {

enum class SubscriptionKind : std::uint8_t { kSubscribe, kSubscribed, kUnsubscribe, kUnsubscribed };
std::optional<SubscriptionKind> subscription_kind(std::string_view type);
std::string_view subscription_type(SubscriptionKind kind);

inline constexpr std::uint8_t kSubscriptionTo = 1;              // the owner sees the contact
inline constexpr std::uint8_t kSubscriptionFrom = 2;            // the contact sees the owner
inline constexpr std::uint8_t kSubscriptionListed = 4;          // the owner's clients know the item
std::string_view subscription_name(std::uint8_t subscription);  // "none", "to", "from", "both"

struct SubscriptionChange {
  bool changed = false;      // the item is to be stored
  bool push = false;         // … and the owner's clients told
  bool pass_on = false;      // the stanza goes on: to the contact, or to the owner's clients
  bool answer = false;       // inwards, subscribe: the contact is allowed already; say so
  bool now_visible = false;  // the contact sees the owner from now on
  bool now_hidden = false;   // … not any more
};
// The owner sends `kind` to the contact.
SubscriptionChange send_subscription(middle::RosterItem& item, SubscriptionKind kind);
// The contact sent `kind` to the owner.
SubscriptionChange receive_subscription(middle::RosterItem& item, SubscriptionKind kind);

// False for an item that is there only because its contact's request waits for an answer: it is in
// nobody's roster yet.
bool is_listed(const middle::RosterItem& item);
// Nothing is said by it: where it was not listed, it need not be there.
bool is_empty(const middle::RosterItem& item);

}  // namespace longwire::xmpp
