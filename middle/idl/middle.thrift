// What the tiers say to each other. Calls are Thrift's messages (compact protocol, framed), many in
// flight on a connection; docs/decisions/tier-wire.md tells what surrounds them. middle/service.h
// and middle/route/feed_stream.h explain every member; middle/wire/fields.h pairs each with its
// number here. Fields are only ever added; numbers are never used again.
//
// Times are milliseconds since 1970, durations milliseconds. Unsigned 64-bit numbers are carried in
// an i64 of the same bits. An enum's numbers are those of its C++ twin.

namespace cpp longwire.middle.idl

// ---- messages and entries

struct TagExpression {
  1: i32 op
  2: list<string> tags
}

struct Entry {
  1: i64 number
  2: i32 kind
  3: binary id
  4: string app
  5: i64 accepted
  6: i64 expires
  7: i32 priority
  8: string collapse_key
  9: i32 via
  10: string via_name
  11: optional TagExpression filter
  12: list<string> packages
  13: bool recalled
  14: binary body
}

struct SendRequest {
  1: string app
  2: list<string> packages
  3: i32 target
  4: list<string> names
  5: i32 topic_operator
  6: binary body
  7: i64 time_to_live
  8: i32 priority
  9: string collapse_key
  10: string idempotency_key
  11: optional i64 not_before
  12: optional binary id
  13: bool repeated
}

struct SendReply {
  1: binary id
  2: list<string> unknown
  3: bool repeated
  4: i64 addressed
}

struct RecallRequest {
  1: string app
  2: binary id
}

struct TraceCopy {
  1: string registration
  2: i32 state
  3: string feed
  4: i64 number
  5: optional i64 at
  6: string reason
}

struct TraceReply {
  1: binary id
  2: string app
  3: i32 target
  4: list<string> names
  5: i64 accepted
  6: optional i64 scheduled
  7: i64 expires
  8: bool recalled
  9: i64 resolved
  10: i64 delivered
  11: list<TraceCopy> copies
  12: bool copies_truncated
}

// ---- apps, users, devices

struct AppSecretHash {
  1: binary sha256
  2: optional i64 valid_until
}

struct App {
  1: string id
  2: string key
  3: string name
  4: list<string> packages
  5: list<AppSecretHash> secrets
  6: i64 created
}

struct CreatedApp {
  1: App app
  2: string secret
}

struct CreateDeviceRequest {
  1: string app
  2: string key
}

struct CreatedDevice {
  1: string id
  2: string password
}

struct TagInterval {
  1: string tag
  2: i64 topic_since
  3: optional i64 topic_until
  4: i64 app_since
  5: optional i64 app_until
}

struct Registration {
  1: string id
  2: string device
  3: string app
  4: string package_name
  5: binary secret
  6: string app_version
  7: i64 created
  8: i64 app_since
  9: list<TagInterval> tags
  10: list<string> aliases
  11: list<string> accounts
}

struct FeedPosition {
  1: string feed
  2: i64 cursor
  3: i64 since
  4: optional i64 until_number
}

struct RegistrationView {
  1: Registration registration
  2: list<FeedPosition> feeds
}

struct FeedStatus {
  1: string feed
  2: i64 cursor
  3: i64 tail
  4: optional i64 until_number
}

struct DeviceStatus {
  1: string id
  2: bool banned
  3: bool online
  4: i64 created
  5: optional i64 last_contact
  6: i64 session
  7: list<RegistrationView> registrations
  8: list<FeedStatus> feeds
}

// ---- sessions

struct ScramKeys {
  1: binary salt
  2: i64 iterations
  3: binary stored_key
  4: binary server_key
}

struct Credentials {
  1: ScramKeys sha1
  2: ScramKeys sha256
  3: bool banned
}

struct OpenSessionRequest {
  1: string account
  2: string resource
  3: string node
  4: i64 resources_max
}

struct OpenedSession {
  1: i64 number
  2: string incarnation
  3: list<RegistrationView> registrations
}

struct CursorMove {
  1: string account
  2: i64 session
  3: string registration
  4: string feed
  5: i64 number
}

struct RegisterRequest {
  1: string device
  2: string app
  3: string key
  4: string package_name
  5: string app_version
}

struct NameChange {
  1: string registration
  2: string device
  3: string name
}

// ---- feeds

struct ReadRequest {
  1: string feed
  2: i64 after
  3: i64 entries_max
  4: i64 bytes_max
}

struct FeedPage {
  1: list<Entry> entries
  2: i64 tail
  3: i64 oldest
  4: string incarnation
}

struct InterestChange {
  1: string feed
  2: bool follow
  3: i64 after
}

struct InterestMessage {
  1: string node
  2: i32 partition
  3: i64 stream
  4: i64 first
  5: list<InterestChange> changes
  6: i64 taken
  7: bool renew
}

struct StreamItem {
  1: i32 kind
  2: string feed
  3: list<Entry> entries
  4: i64 tail
  5: i64 oldest
  6: string incarnation
}

struct StreamMessage {
  1: i32 partition
  2: i64 owner
  3: i64 stream
  4: i64 first
  5: list<StreamItem> items
  6: bool lease
  7: bool closed
}

// ---- stanzas and presence

struct RouteRequest {
  1: string to
  2: string resource
  3: i32 mode
  4: bool else_account
  5: bool archive
  6: binary id
  7: bool repeated
  8: binary stanza
}

struct RouteReply {
  1: i64 resources
  2: i64 number
}

struct SessionPresence {
  1: string account
  2: string resource
  3: string node
  4: i64 session
  5: bool available
  6: i32 priority
  7: bool wants_roster
  8: binary presence
}

struct RosterItem {
  1: string owner
  2: string contact
  3: string name
  4: list<string> groups
  5: i32 subscription
  6: bool ask
  7: bool pending_in
  8: binary pending_stanza
  9: i64 version
}

struct RoutedStanza {
  1: string to
  2: string resource
  3: optional binary archived
  4: binary stanza
  5: bool by_feed
}

struct SessionClosed {
  1: string account
  2: string resource
  3: i64 below
  4: i32 why
}

struct ReceiverGone {
  1: string account
  2: string resource
}

struct RegistrationChanged {
  1: string device
  2: RegistrationView view
  3: bool ended
}

// ---- between middle nodes

struct FeedState {
  1: i64 tail
  2: string incarnation
}

struct ResolveRequest {
  1: string app
  2: list<string> packages
  3: list<string> registrations
}

struct Recipient {
  1: string registration
  2: string via_name
}

struct Resolved {
  1: list<Recipient> recipients
  2: list<string> unknown
}

struct NameId {
  1: i32 kind = 1
  2: string app
  3: string name
}

struct HolderChange {
  1: NameId name
  2: string holder
  3: i64 holders_max = 1
  4: bool evicted
  5: i64 asked_since
}

struct SharedEntry {
  1: string feed
  2: Entry entry
  3: optional i64 recalled
  4: optional i64 collapsed
}

struct DevicePageRequest {
  1: i32 partition
  2: string after
  3: i64 limit
}

struct LaneMessage {
  1: i32 from_partition
  2: i32 to
  3: i64 first = 1
  4: list<binary> items
}

struct LaneConfirm {
  1: i32 from_partition
  2: i32 to
  3: i64 taken
}

// ---- who owns what

struct PartitionClaim {
  1: i32 partition
  2: i64 since
  3: bool served
}

struct OwnerView {
  1: list<PartitionClaim> claims
  2: list<string> members
  3: bool leaving
}

struct Welcome {
  1: i64 version
  2: i32 partitions
}

// ---- what processes say of themselves: oneway report(ProcessReport), list<KeptReport> reports()

struct NamedNumber {
  1: string name
  2: i64 value
}

struct ProcessReport {
  1: string place
  2: string name
  3: string host
  4: i64 pid
  5: list<string> roles
  6: list<string> addresses
  7: string version
  8: i64 uptime
  9: list<NamedNumber> numbers
}

struct KeptReport {
  1: ProcessReport report
  2: i64 age
}

exception Failure {
  1: i32 code
  2: string message
  3: i64 retry_after
}
