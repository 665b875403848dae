#pragma once

// As fields.h, for what middle nodes ask of each other (middle/peer_service.h).

#include "middle/peer_service.h"
#include "middle/wire/codec.h"

namespace longwire::middle::wire {

template <>
inline constexpr auto kFirst<NameKind> = static_cast<std::int32_t>(NameKind::kAlias);
template <>
inline constexpr auto kLast<NameKind> = static_cast<std::int32_t>(NameKind::kUserAccount);

template <typename Visit>
void fields(Visit& visit, Is<FeedState> auto& value) {
  visit(1, value.tail);
  visit(2, value.incarnation);
}

template <typename Visit>
void fields(Visit& visit, Is<ResolveRequest> auto& value) {
  visit(1, value.app);
  visit(2, value.packages);
  visit(3, value.registrations);
}

template <typename Visit>
void fields(Visit& visit, Is<Recipient> auto& value) {
  visit(1, value.registration);
  visit(2, value.via_name);
}

template <typename Visit>
void fields(Visit& visit, Is<Resolved> auto& value) {
  visit(1, value.recipients);
  visit(2, value.unknown);
}

template <typename Visit>
void fields(Visit& visit, Is<NameId> auto& value) {
  visit(1, value.kind);
  visit(2, value.app);
  visit(3, value.name);
}

template <typename Visit>
void fields(Visit& visit, Is<HolderChange> auto& value) {
  visit(1, value.name);
  visit(2, value.holder);
  visit(3, value.holders_max);
  visit(4, value.evicted);
  visit(5, value.asked_since);
}

template <typename Visit>
void fields(Visit& visit, Is<SharedEntry> auto& value) {
  visit(1, value.feed);
  visit(2, value.entry);
  visit(3, value.recalled);
  visit(4, value.collapsed);
}

template <typename Visit>
void fields(Visit& visit, Is<DevicePageRequest> auto& value) {
  visit(1, value.partition);
  visit(2, value.after);
  visit(3, value.limit);
}

template <typename Visit>
void fields(Visit& visit, Is<LaneMessage> auto& value) {
  visit(1, value.from);
  visit(2, value.to);
  visit(3, value.first);
  visit(4, value.items);
}

template <typename Visit>
void fields(Visit& visit, Is<LaneConfirm> auto& value) {
  visit(1, value.from);
  visit(2, value.to);
  visit(3, value.taken);
}

}  // namespace longwire::middle::wire
