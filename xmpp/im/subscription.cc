#include "xmpp/im/subscription.h"

namespace longwire::xmpp {
namespace {

bool to(const middle::RosterItem& item) { return (item.subscription & kSubscriptionTo) != 0; }
bool from(const middle::RosterItem& item) { return (item.subscription & kSubscriptionFrom) != 0; }
void clear(middle::RosterItem& item, std::uint8_t bit) {
  item.subscription = static_cast<std::uint8_t>(item.subscription & ~bit);
}
void set(middle::RosterItem& item, std::uint8_t bit) {
  item.subscription = static_cast<std::uint8_t>(item.subscription | bit);
}

// … than that its contact asks.
bool says_more(const middle::RosterItem& item) {
  return item.subscription != 0 || item.ask || !item.name.empty() || !item.groups.empty();
}

SubscriptionChange cancel_to(middle::RosterItem& item) {
  const bool any = to(item) || item.ask;
  clear(item, kSubscriptionTo);
  item.ask = false;
  return {.changed = any, .push = any, .pass_on = any};
}

SubscriptionChange cancel_from(middle::RosterItem& item) {
  const bool seen = from(item);
  const bool any = seen || item.pending_in;
  clear(item, kSubscriptionFrom);
  item.pending_in = false;
  item.pending_stanza.clear();
  return {.changed = any, .push = seen, .pass_on = any, .now_hidden = seen};
}

}  // namespace

std::optional<SubscriptionKind> subscription_kind(std::string_view type) {
  for (const auto kind : {SubscriptionKind::kSubscribe, SubscriptionKind::kSubscribed,
                          SubscriptionKind::kUnsubscribe, SubscriptionKind::kUnsubscribed})
    if (subscription_type(kind) == type) return kind;
  return std::nullopt;
}

std::string_view subscription_type(SubscriptionKind kind) {
  switch (kind) {
    case SubscriptionKind::kSubscribe:
      return "subscribe";
    case SubscriptionKind::kSubscribed:
      return "subscribed";
    case SubscriptionKind::kUnsubscribe:
      return "unsubscribe";
    case SubscriptionKind::kUnsubscribed:
      return "unsubscribed";
  }
  return "unsubscribed";
}

std::string_view subscription_name(std::uint8_t subscription) {
  constexpr std::string_view kNames[] = {"none", "to", "from", "both"};
  return kNames[subscription & 3];
}

SubscriptionChange send_subscription(middle::RosterItem& item, SubscriptionKind kind) {
  switch (kind) {
    case SubscriptionKind::kSubscribe: {
      // Passed on in any state: the other side may have forgotten (appendix A.2.1).
      const bool changed = !to(item) && !item.ask;
      item.ask = !to(item);
      return {.changed = changed, .push = changed, .pass_on = true};
    }
    case SubscriptionKind::kUnsubscribe: {
      SubscriptionChange change = cancel_to(item);
      change.pass_on = true;
      return change;
    }
    case SubscriptionKind::kSubscribed:
      if (!item.pending_in) return {};
      item.pending_in = false;
      item.pending_stanza.clear();
      set(item, kSubscriptionFrom);
      return {.changed = true, .push = true, .pass_on = true, .now_visible = true};
    case SubscriptionKind::kUnsubscribed:
      return cancel_from(item);
  }
  return {};
}

SubscriptionChange receive_subscription(middle::RosterItem& item, SubscriptionKind kind) {
  switch (kind) {
    case SubscriptionKind::kSubscribe:
      if (from(item)) return {.answer = true};
      if (item.pending_in) return {};
      item.pending_in = true;
      return {.changed = true, .pass_on = true};
    case SubscriptionKind::kUnsubscribe:
      return cancel_from(item);
    case SubscriptionKind::kSubscribed:
      if (!item.ask) return {};
      item.ask = false;
      set(item, kSubscriptionTo);
      return {.changed = true, .push = true, .pass_on = true};
    case SubscriptionKind::kUnsubscribed:
      return cancel_to(item);
  }
  return {};
}

bool is_listed(const middle::RosterItem& item) { return !item.pending_in || says_more(item); }

bool is_empty(const middle::RosterItem& item) { return !item.pending_in && !says_more(item); }

}  // namespace longwire::xmpp
