#pragma once

// The numbers that members have on the wire between the tiers: one place for each struct, the twin
// of middle/idl/middle.thrift (a test holds them equal). fields(visit, value) calls
// visit(number, member) for each, in order; what visits decides whether it reads or writes.

#include <concepts>
#include <type_traits>

#include "middle/model/message.h"
#include "middle/model/registry.h"
#include "middle/route/feed_stream.h"
#include "middle/route/owner_view.h"
#include "middle/service.h"

namespace longwire::middle::wire {

// An Error as a value of its own, which a Result of it could not be told from.
struct Failure {
  Error error;
};

// What a middle tier says to a front end that greets it.
struct Welcome {
  std::int32_t version = 0;
  PartitionId partitions = 0;  // of the storage
};

template <typename T, typename Wanted>
concept Is = std::same_as<std::remove_const_t<T>, Wanted>;

// ---- messages and entries

template <typename Visit>
void fields(Visit& visit, Is<TagExpression> auto& value) {
  visit(1, value.op);
  visit(2, value.tags);
}

template <typename Visit>
void fields(Visit& visit, Is<Entry> auto& value) {
  visit(1, value.number);
  visit(2, value.kind);
  visit(3, value.id);
  visit(4, value.app);
  visit(5, value.accepted);
  visit(6, value.expires);
  visit(7, value.priority);
  visit(8, value.collapse_key);
  visit(9, value.via);
  visit(10, value.via_name);
  visit(11, value.filter);
  visit(12, value.packages);
  visit(13, value.recalled);
  visit(14, value.body);
}

template <typename Visit>
void fields(Visit& visit, Is<SendRequest> auto& value) {
  visit(1, value.app);
  visit(2, value.packages);
  visit(3, value.target);
  visit(4, value.names);
  visit(5, value.topic_operator);
  visit(6, value.body);
  visit(7, value.time_to_live);
  visit(8, value.priority);
  visit(9, value.collapse_key);
  visit(10, value.idempotency_key);
  visit(11, value.not_before);
  visit(12, value.id);
  visit(13, value.repeated);
}

template <typename Visit>
void fields(Visit& visit, Is<SendReply> auto& value) {
  visit(1, value.id);
  visit(2, value.unknown);
  visit(3, value.repeated);
  visit(4, value.addressed);
}

template <typename Visit>
void fields(Visit& visit, Is<RecallRequest> auto& value) {
  visit(1, value.app);
  visit(2, value.id);
}

template <typename Visit>
void fields(Visit& visit, Is<TraceCopy> auto& value) {
  visit(1, value.registration);
  visit(2, value.state);
  visit(3, value.feed);
  visit(4, value.number);
  visit(5, value.at);
  visit(6, value.reason);
}

template <typename Visit>
void fields(Visit& visit, Is<TraceReply> auto& value) {
  visit(1, value.id);
  visit(2, value.app);
  visit(3, value.target);
  visit(4, value.names);
  visit(5, value.accepted);
  visit(6, value.scheduled);
  visit(7, value.expires);
  visit(8, value.recalled);
  visit(9, value.resolved);
  visit(10, value.delivered);
  visit(11, value.copies);
  visit(12, value.copies_truncated);
}

// ---- apps, users, devices

template <typename Visit>
void fields(Visit& visit, Is<AppSecretHash> auto& value) {
  visit(1, value.sha256);
  visit(2, value.valid_until);
}

template <typename Visit>
void fields(Visit& visit, Is<App> auto& value) {
  visit(1, value.id);
  visit(2, value.key);
  visit(3, value.name);
  visit(4, value.packages);
  visit(5, value.secrets);
  visit(6, value.created);
}

template <typename Visit>
void fields(Visit& visit, Is<CreatedApp> auto& value) {
  visit(1, value.app);
  visit(2, value.secret);
}

template <typename Visit>
void fields(Visit& visit, Is<CreateDeviceRequest> auto& value) {
  visit(1, value.app);
  visit(2, value.key);
}

template <typename Visit>
void fields(Visit& visit, Is<CreatedDevice> auto& value) {
  visit(1, value.id);
  visit(2, value.password);
}

template <typename Visit>
void fields(Visit& visit, Is<TagInterval> auto& value) {
  visit(1, value.tag);
  visit(2, value.topic_since);
  visit(3, value.topic_until);
  visit(4, value.app_since);
  visit(5, value.app_until);
}

template <typename Visit>
void fields(Visit& visit, Is<Registration> auto& value) {
  visit(1, value.id);
  visit(2, value.device);
  visit(3, value.app);
  visit(4, value.package);
  visit(5, value.secret);
  visit(6, value.app_version);
  visit(7, value.created);
  visit(8, value.app_since);
  visit(9, value.tags);
  visit(10, value.aliases);
  visit(11, value.accounts);
}

template <typename Visit>
void fields(Visit& visit, Is<FeedPosition> auto& value) {
  visit(1, value.feed);
  visit(2, value.cursor);
  visit(3, value.since);
  visit(4, value.until);
}

template <typename Visit>
void fields(Visit& visit, Is<RegistrationView> auto& value) {
  visit(1, value.registration);
  visit(2, value.feeds);
}

template <typename Visit>
void fields(Visit& visit, Is<FeedStatus> auto& value) {
  visit(1, value.feed);
  visit(2, value.cursor);
  visit(3, value.tail);
  visit(4, value.until);
}

template <typename Visit>
void fields(Visit& visit, Is<DeviceStatus> auto& value) {
  visit(1, value.id);
  visit(2, value.banned);
  visit(3, value.online);
  visit(4, value.created);
  visit(5, value.last_contact);
  visit(6, value.session);
  visit(7, value.registrations);
  visit(8, value.feeds);
}

// ---- sessions

template <typename Visit>
void fields(Visit& visit, Is<ScramKeys> auto& value) {
  visit(1, value.salt);
  visit(2, value.iterations);
  visit(3, value.stored_key);
  visit(4, value.server_key);
}

template <typename Visit>
void fields(Visit& visit, Is<Credentials> auto& value) {
  visit(1, value.sha1);
  visit(2, value.sha256);
  visit(3, value.banned);
}

template <typename Visit>
void fields(Visit& visit, Is<OpenSessionRequest> auto& value) {
  visit(1, value.account);
  visit(2, value.resource);
  visit(3, value.node);
  visit(4, value.resources_max);
}

template <typename Visit>
void fields(Visit& visit, Is<OpenedSession> auto& value) {
  visit(1, value.number);
  visit(2, value.incarnation);
  visit(3, value.registrations);
}

template <typename Visit>
void fields(Visit& visit, Is<CursorMove> auto& value) {
  visit(1, value.account);
  visit(2, value.session);
  visit(3, value.registration);
  visit(4, value.feed);
  visit(5, value.number);
}

template <typename Visit>
void fields(Visit& visit, Is<RegisterRequest> auto& value) {
  visit(1, value.device);
  visit(2, value.app);
  visit(3, value.key);
  visit(4, value.package);
  visit(5, value.app_version);
}

template <typename Visit>
void fields(Visit& visit, Is<NameChange> auto& value) {
  visit(1, value.registration);
  visit(2, value.device);
  visit(3, value.name);
}

// ---- feeds

template <typename Visit>
void fields(Visit& visit, Is<ReadRequest> auto& value) {
  visit(1, value.feed);
  visit(2, value.after);
  visit(3, value.entries_max);
  visit(4, value.bytes_max);
}

template <typename Visit>
void fields(Visit& visit, Is<FeedPage> auto& value) {
  visit(1, value.entries);
  visit(2, value.tail);
  visit(3, value.oldest);
  visit(4, value.incarnation);
}

template <typename Visit>
void fields(Visit& visit, Is<InterestChange> auto& value) {
  visit(1, value.feed);
  visit(2, value.follow);
  visit(3, value.after);
}

template <typename Visit>
void fields(Visit& visit, Is<InterestMessage> auto& value) {
  visit(1, value.node);
  visit(2, value.partition);
  visit(3, value.stream);
  visit(4, value.first);
  visit(5, value.changes);
  visit(6, value.taken);
  visit(7, value.renew);
}

template <typename Visit>
void fields(Visit& visit, Is<StreamItem> auto& value) {
  visit(1, value.kind);
  visit(2, value.feed);
  visit(3, value.entries);
  visit(4, value.tail);
  visit(5, value.oldest);
  visit(6, value.incarnation);
}

template <typename Visit>
void fields(Visit& visit, Is<StreamMessage> auto& value) {
  visit(1, value.partition);
  visit(2, value.owner);
  visit(3, value.stream);
  visit(4, value.first);
  visit(5, value.items);
  visit(6, value.lease);
  visit(7, value.closed);
}

// ---- stanzas and presence

template <typename Visit>
void fields(Visit& visit, Is<RouteRequest> auto& value) {
  visit(1, value.to);
  visit(2, value.resource);
  visit(3, value.mode);
  visit(4, value.else_account);
  visit(5, value.archive);
  visit(6, value.id);
  visit(7, value.repeated);
  visit(8, value.stanza);
}

template <typename Visit>
void fields(Visit& visit, Is<RouteReply> auto& value) {
  visit(1, value.resources);
  visit(2, value.number);
}

template <typename Visit>
void fields(Visit& visit, Is<SessionPresence> auto& value) {
  visit(1, value.account);
  visit(2, value.resource);
  visit(3, value.node);
  visit(4, value.session);
  visit(5, value.available);
  visit(6, value.priority);
  visit(7, value.wants_roster);
  visit(8, value.presence);
}

template <typename Visit>
void fields(Visit& visit, Is<RosterItem> auto& value) {
  visit(1, value.owner);
  visit(2, value.contact);
  visit(3, value.name);
  visit(4, value.groups);
  visit(5, value.subscription);
  visit(6, value.ask);
  visit(7, value.pending_in);
  visit(8, value.pending_stanza);
  visit(9, value.version);
}

template <typename Visit>
void fields(Visit& visit, Is<RoutedStanza> auto& value) {
  visit(1, value.to);
  visit(2, value.resource);
  visit(3, value.archived);
  visit(4, value.stanza);
  visit(5, value.by_feed);
}

template <typename Visit>
void fields(Visit& visit, Is<SessionClosed> auto& value) {
  visit(1, value.account);
  visit(2, value.resource);
  visit(3, value.below);
  visit(4, value.why);
}

template <typename Visit>
void fields(Visit& visit, Is<ReceiverGone> auto& value) {
  visit(1, value.account);
  visit(2, value.resource);
}

template <typename Visit>
void fields(Visit& visit, Is<RegistrationChanged> auto& value) {
  visit(1, value.device);
  visit(2, value.view);
  visit(3, value.ended);
}

template <typename Visit>
void fields(Visit& visit, Is<PartitionClaim> auto& value) {
  visit(1, value.partition);
  visit(2, value.since);
  visit(3, value.served);
}

template <typename Visit>
void fields(Visit& visit, Is<OwnerView> auto& value) {
  visit(1, value.claims);
  visit(2, value.members);
  visit(3, value.leaving);
}

template <typename Visit>
void fields(Visit& visit, Is<Welcome> auto& value) {
  visit(1, value.version);
  visit(2, value.partitions);
}

template <typename Visit>
void fields(Visit& visit, Is<Failure> auto& value) {
  visit(1, value.error.code);
  visit(2, value.error.message);
  visit(3, value.error.retry_after);
}

}  // namespace longwire::middle::wire
