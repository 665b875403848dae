#pragma once

// Service: everything the front ends ask of the middle tier, as one asynchronous interface of plain
// structs. In one process it is a direct call across loops (local_service.h); in several, an RPC:
// callers cannot tell. No socket, TLS, XML, JSON or Thrift type crosses it.
//
// Threads: a Service object belongs to one executor (each front-end loop has its own); calls are
// made on it and callbacks run on it, later, exactly once. After the object is destroyed no
// callback runs. Errors: kUnavailable and kResourceExhausted carry retry_after; kUnknownOutcome:
// repeat with the same id.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/function.h"
#include "middle/model/ids.h"
#include "middle/model/message.h"
#include "middle/model/registry.h"

namespace longwire::middle {

// ---- sending
// -------------------------------------------------------------------------------------------

struct SendRequest {
  AppId app;
  std::vector<PackageName> packages;  // empty: all of the app
  TargetKind target = TargetKind::kRegId;
  std::vector<std::string>
      names;  // regIds, aliases or accounts (1..1000); the topics; none for kAll
  TagOperator topic_operator = TagOperator::kUnion;  // for several topics
  Bytes body;                                        // opaque; sealed byte for byte
  std::chrono::milliseconds time_to_live{};          // 0: the default; above the maximum: clamped
  Priority priority = Priority::kNormal;
  std::string collapse_key;
  std::string idempotency_key;          // empty: none; at most 128 bytes
  std::optional<Timestamp> not_before;  // a scheduled send
  // Made by the caller, who may send it again after an unknown outcome; empty: made by the middle.
  std::optional<MessageId> id = {};
  bool repeated = false;  // an earlier try with this id may have been accepted
};

struct SendReply {
  MessageId id;
  std::vector<std::string> unknown;  // names that address nobody; the rest was accepted
  bool repeated = false;             // the idempotency key was used before: id is the first one's
  std::uint64_t addressed = 0;       // copies made now; 0 for topic and all
};

struct RecallRequest {
  AppId app;
  MessageId id;
};

struct TraceCopy {
  RegId registration;
  CopyState state = CopyState::kWaiting;
  FeedId feed;
  FeedNumber number = 0;
  std::optional<Timestamp> at;  // delivered: not later than this
  std::string reason;           // for kRejected
};
struct TraceReply {
  MessageId id;
  AppId app;
  TargetKind target = TargetKind::kRegId;
  std::vector<std::string> names;
  Timestamp accepted;
  std::optional<Timestamp> scheduled;  // waits until then: whom it reaches is not decided yet
  Timestamp expires;
  bool recalled = false;
  // Whom the target named, listed or not. Of a topic, an expression or all: who carries the tag
  // (has the app) still, and did at the send; those that packages or an expression left out among
  // them, as kFiltered.
  std::uint64_t resolved = 0;
  std::uint64_t delivered = 0;    // at least; exact unless copies_truncated
  std::vector<TraceCopy> copies;  // at most 1000
  bool copies_truncated = false;
};

// ---- apps, users, devices (administration and accounts)
// -------------------------------------------------

struct CreatedApp {
  App app;
  std::string secret;
};
struct CreateDeviceRequest {
  AppId app;
  AppKey key;
};
struct CreatedDevice {
  DeviceId id;
  std::string password;
};
struct FeedStatus {
  FeedId feed;
  FeedNumber cursor = 0;
  FeedNumber tail = 0;
  std::optional<FeedNumber> until;
};
struct DeviceStatus {
  DeviceId id;
  bool banned = false;
  bool online = false;
  Timestamp created;
  std::optional<Timestamp> last_contact;
  SessionNumber session = 0;
  std::vector<RegistrationView> registrations;
  std::vector<FeedStatus> feeds;
};

// ---- sessions
// --------------------------------------------------------------------------------------------

struct OpenSessionRequest {
  XmppAccount account;
  std::string resource;
  NodeId node;
  std::size_t resources_max = 0;  // of a user, on all nodes: beyond it kResourceExhausted; 0: any
};
struct OpenedSession {
  // Rises with each bind. An older session is closed with conflict: a device's, or a user's of the
  // same resource.
  SessionNumber number = 0;
  Incarnation incarnation;
  std::vector<RegistrationView> registrations;  // devices only
};
struct CursorMove {
  XmppAccount account;
  SessionNumber session = 0;  // a lower one than the device's last is ignored
  RegId registration;         // empty for an archive
  FeedId feed;
  FeedNumber number = 0;  // everything up to it is acknowledged or stepped over
};

// ---- registrations
// ---------------------------------------------------------------------------------------

struct RegisterRequest {
  DeviceId device;
  AppId app;
  AppKey key;
  PackageName package;
  std::string app_version;
};
struct NameChange {
  RegId registration;
  DeviceId device;   // the caller's own: another device's registration is not found
  std::string name;  // the alias, account or tag
};

// ---- feeds
// -----------------------------------------------------------------------------------------------

struct ReadRequest {
  FeedId feed;
  FeedNumber after = 0;
  std::size_t entries_max = 64;
  std::size_t bytes_max = 256 * 1024;
};
struct FeedPage {
  std::vector<EntryPtr> entries;  // numbers rise by one: expired ones come without body
  FeedNumber tail = 0;            // last committed number
  FeedNumber oldest = 1;          // oldest kept: a reader before it starts here
  Incarnation incarnation;
};

// ---- stanzas between XMPP accounts
// -------------------------------------------------------------------------

// Where a routed stanza is to go. The middle does not look into `stanza`.
enum class RouteMode : std::uint8_t {
  kFullJid,        // to one resource; not there: kNotFound
  kBareChat,       // available resources with non-negative, highest priority; and the archive
  kAllWelcoming,   // headlines: every available resource of non-negative priority
  kAllAvailable,   // presence and the like: every available resource; nobody there: dropped
  kAllInterested,  // roster pushes: every resource that asked for its roster
};
struct RouteRequest {
  XmppAccount to;
  std::string resource;  // kFullJid
  RouteMode mode = RouteMode::kBareChat;
  bool else_account = false;  // kFullJid: where the resource is gone, as kBareChat
  bool archive = false;       // keep for later: the answer means it is durable; kResourceExhausted:
                              // too much waits there
  MessageId id;               // of an archived one: also its stanza-id
  bool repeated = false;      // an earlier try with this id may be in the archive already
  Bytes stanza;               // complete, from stamped, no to needed
};
struct RouteReply {
  std::uint32_t resources = 0;  // reached now
  FeedNumber number = 0;        // in the archive; 0: not archived
};
struct SessionPresence {
  XmppAccount account;
  std::string resource;
  NodeId node;
  SessionNumber session = 0;  // lower than that of the resource's newest: told too late, ignored
  bool available = false;
  std::int8_t priority = 0;
  bool wants_roster = false;
  Bytes presence;  // last presence stanza, without to
};

inline bool takes_chat(const SessionPresence& session) {
  return session.available && session.priority >= 0;
}

// ---- what the middle tells a front end
// -----------------------------------------------------------------------

struct RoutedStanza {
  XmppAccount to;
  std::string resource;               // the session it is for
  std::optional<MessageId> archived;  // set: an archive entry will follow with this id
  Bytes stanza;
  // It may have come before, or what was sent ahead of it has not: the feed brings it in its place.
  bool by_feed = false;
};
struct SessionClosed {  // kicked, banned, or replaced by a newer session
  XmppAccount account;
  std::string resource;
  SessionNumber below = 0;  // close sessions with a lower number; 0: close it in any case
  ErrorCode why = ErrorCode::kAlreadyExists;  // kAlreadyExists: conflict; kPermissionDenied:
                                              // banned; kNotFound: removed; kUnauthenticated:
                                              // its password was changed
};
struct ReceiverGone {  // another session of the account ended, or takes no chat any more: what it
                       // has not acknowledged is for those that are left
  XmppAccount account;
  std::string resource;  // the session that is told
};
struct RegistrationChanged {  // a device's registrations changed by somebody else (or by another
                              // session)
  XmppAccount device;
  RegistrationView view;
  bool ended = false;
};

struct OwnersChanged {  // what the new owners know of sessions they have to be told:
                        // keep_sessions()
  std::vector<bool> partitions;
  bool concerns(const XmppAccount& account) const {
    return partitions[partition_of(home_of(account),
                                   static_cast<std::uint16_t>(partitions.size()))];
  }
};

// A front end as the middle sees it: one per event loop. Loop-bound to that loop.
class FrontEnd {
 public:
  virtual ~FrontEnd() = default;
  virtual void on_stanza(RoutedStanza stanza) = 0;
  virtual void on_session_closed(SessionClosed closed) = 0;
  virtual void on_receiver_gone(ReceiverGone gone) = 0;
  virtual void on_registration_changed(RegistrationChanged changed) = 0;
  // Where there is one owner, in this process, it never changes.
  virtual void on_owners_changed(const OwnersChanged&) {}
};

// ---- the interface
// -------------------------------------------------------------------------------------------

// Loop-bound.
class Service {
 public:
  virtual ~Service() = default;

  // Sending.
  virtual void send(SendRequest request, Callback<SendReply> done) = 0;
  virtual void recall(RecallRequest request, Callback<void> done) = 0;
  virtual void trace(MessageId id, Callback<TraceReply> done) = 0;

  // Apps. Secrets are compared by hash, in constant time.
  virtual void create_app(std::string name, PackageName package, Callback<CreatedApp> done) = 0;
  virtual void list_apps(Callback<std::vector<App>> done) = 0;
  virtual void rotate_secret(AppId app, std::chrono::milliseconds keep_old,
                             Callback<std::string> done) = 0;
  virtual void find_app_by_secret(std::string secret,
                                  Callback<App> done) = 0;  // kUnauthenticated: no such
  virtual void find_app_by_key(AppId app, AppKey key,
                               Callback<App> done) = 0;  // kUnauthenticated: no such

  // Users.
  virtual void add_user(XmppAccount account, std::string password, Callback<void> done) = 0;
  virtual void set_password(XmppAccount account, std::string password, Callback<void> done) = 0;
  virtual void remove_user(XmppAccount account, Callback<void> done) = 0;
  virtual void list_users(XmppAccount after, std::size_t limit,
                          Callback<std::vector<XmppAccount>> done) = 0;

  // Devices.
  virtual void create_device(CreateDeviceRequest request, Callback<CreatedDevice> done) = 0;
  virtual void show_device(DeviceId device, Callback<DeviceStatus> done) = 0;
  // In order. A page may be shorter than `limit` before the end: only an empty one is the end.
  virtual void list_devices(DeviceId after, std::size_t limit,
                            Callback<std::vector<DeviceId>> done) = 0;
  virtual void remove_device(DeviceId device, Callback<void> done) = 0;
  virtual void kick_device(DeviceId device, Callback<void> done) = 0;
  virtual void ban_device(DeviceId device, bool banned, Callback<void> done) = 0;

  // Logins. kNotFound: no such account (the caller does not tell the peer).
  virtual void credentials(XmppAccount account, Callback<Credentials> done) = 0;
  virtual void open_session(OpenSessionRequest request, Callback<OpenedSession> done) = 0;
  // Sessions that a front end has, as they are now: told where their accounts' owner changed, or
  // lost the connection to the front end.
  virtual void keep_sessions(std::vector<SessionPresence> sessions, Callback<void> done) = 0;
  // Last moves of its cursors included. Also marks the last contact.
  virtual void close_session(OpenSessionRequest session, SessionNumber number,
                             std::vector<CursorMove> moves, Callback<void> done) = 0;

  // Registrations of apps on devices.
  virtual void register_app(RegisterRequest request, Callback<RegistrationView> done) = 0;
  virtual void unregister_app(DeviceId device, RegId registration, Callback<void> done) = 0;
  virtual void set_alias(NameChange change, Callback<void> done) = 0;
  virtual void unset_alias(NameChange change, Callback<void> done) = 0;
  virtual void set_user_account(NameChange change, Callback<void> done) = 0;
  virtual void unset_user_account(NameChange change, Callback<void> done) = 0;
  // The answer holds the new intervals; the caller starts or stops following accordingly.
  virtual void subscribe(NameChange change, Callback<RegistrationView> done) = 0;
  virtual void unsubscribe(NameChange change, Callback<RegistrationView> done) = 0;
  virtual void show_registration(RegId registration, Callback<RegistrationView> done) = 0;

  // Feeds. See route/follow_hub.h for how a front end follows them.
  virtual void read_feed(ReadRequest request, Callback<FeedPage> done) = 0;
  virtual void acknowledge(std::vector<CursorMove> moves, Callback<void> done) = 0;

  // XMPP accounts.
  virtual void route(RouteRequest request, Callback<RouteReply> done) = 0;
  // What the session is now. Until close_session it is known, available or not.
  virtual void set_presence(SessionPresence presence, Callback<void> done) = 0;
  virtual void presences(XmppAccount account, Callback<std::vector<SessionPresence>> done) = 0;
  virtual void archive_cursor(XmppAccount account, Callback<FeedNumber> done) = 0;
  virtual void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) = 0;
  virtual void get_roster_item(XmppAccount owner, std::string contact,
                               Callback<std::optional<RosterItem>> done) = 0;
  virtual void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) = 0;
  virtual void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) = 0;
};

}  // namespace longwire::middle
