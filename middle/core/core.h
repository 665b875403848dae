#pragma once

// Core: the middle tier on its own executor: the partitions of this process, and on top of them
// everything the Service promises. Where a call concerns several partitions, the Core asks them one
// after the other; every step that changes something is one commit in one partition.
//
// The parts: core.cc life and partitions; core_send.cc sends, recall, trace; core_devices.cc apps,
// users, devices; core_sessions.cc logins and acknowledgements; core_registrations.cc
// registrations, names, tags; core_accounts.cc stanzas and presence; core_upkeep.cc schedules,
// expiry, the index of topics, counters.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/environment.h"
#include "middle/core/feed_states.h"
#include "middle/core/local_peer.h"
#include "middle/core/node_table.h"
#include "middle/core/session_table.h"
#include "middle/limit/app_limits.h"
#include "middle/middle.h"
#include "middle/partition/partition.h"
#include "middle/registry/acknowledge.h"
#include "middle/registry/app_table.h"
#include "middle/registry/devices.h"
#include "middle/registry/names.h"
#include "middle/registry/registrations.h"
#include "middle/registry/tags.h"
#include "middle/route/interest_table.h"
#include "middle/route/local_feed_link.h"
#include "middle/route/presence_table.h"
#include "middle/target/accept.h"
#include "middle/target/trace.h"

namespace longwire::middle {

// Told on the Core's loop which of its partitions it serves. May call the Core again.
class OwnershipListener {
 public:
  virtual ~OwnershipListener() = default;
  virtual void on_claim(const PartitionClaim& claim) = 0;
};

// How a Core is one of several that share the partitions. Both outlive the Core.
struct CoreCluster {
  PeerService& peers;  // leads to the owner of each partition, this Core among them
  OwnershipListener& listener;
};

// What a Core works with; all of it outlives the Core.
struct CoreParts {
  PartitionStore& store;
  Directory& directory;
  LocalFeedLink& link;
  Executor& keys;                        // derives keys from passwords
  FeedCarrier* carrier = nullptr;        // of lane messages; null: they are posted
  const CoreCluster* cluster = nullptr;  // null: all partitions are this Core's
};

inline constexpr std::chrono::milliseconds kUnderWayRetry{100};
// Where more calls wait for one thing than may.
inline constexpr std::chrono::milliseconds kCrowdedRetry{500};

// Loop-bound to environment.executor.
class Core final : public Service, private PartitionEvents, private LaneTransport {
 public:
  Core(const MiddleConfig& config, Environment environment, CoreParts parts);
  ~Core() override;

  // Opens every partition, or, in a cluster, none.
  void start(Callback<void> done);
  void stop(Callback<void> done);
  void add_node(const NodeId& node, NodeTable::Node link);
  void remove_node(const NodeId& node, const std::weak_ptr<bool>& ended);
  // A call of this link counts, still: the node has come back over no other, and the owner that it
  // is meant for is this one.
  bool hears(const NodeId& node, const std::weak_ptr<bool>& link,
             const std::optional<PartitionClaim>& addressed) const;

  // In a cluster. Takes a partition that is away over, and gives one back: `done` once what was on
  // its way is committed, and at once where it is away.
  void hold(PartitionId partition, Callback<void> done);
  void give_up(PartitionId partition, Callback<void> done);
  // The addresses of all members, for those that are connected.
  void set_members(std::vector<std::string> members);
  // Tells them that this node is about to end.
  void say_leaving() { nodes_.owners_to_all({.claims = {}, .members = {}, .leaving = true}); }
  // What others may ask of this Core's partitions.
  PeerService& local_peer() { return local_peer_; }

  // Service. Answers on the Core's loop.
  void send(SendRequest request, Callback<SendReply> done) override;
  void recall(RecallRequest request, Callback<void> done) override;
  void trace(MessageId id, Callback<TraceReply> done) override;
  void create_app(std::string name, PackageName package, Callback<CreatedApp> done) override;
  void list_apps(Callback<std::vector<App>> done) override;
  void rotate_secret(AppId app, std::chrono::milliseconds keep_old,
                     Callback<std::string> done) override;
  void find_app_by_secret(std::string secret, Callback<App> done) override;
  void find_app_by_key(AppId app, AppKey key, Callback<App> done) override;
  void add_user(XmppAccount account, std::string password, Callback<void> done) override;
  void set_password(XmppAccount account, std::string password, Callback<void> done) override;
  void remove_user(XmppAccount account, Callback<void> done) override;
  void list_users(XmppAccount after, std::size_t limit,
                  Callback<std::vector<XmppAccount>> done) override;
  void create_device(CreateDeviceRequest request, Callback<CreatedDevice> done) override;
  void show_device(DeviceId device, Callback<DeviceStatus> done) override;
  void list_devices(DeviceId after, std::size_t limit,
                    Callback<std::vector<DeviceId>> done) override;
  void remove_device(DeviceId device, Callback<void> done) override;
  void kick_device(DeviceId device, Callback<void> done) override;
  void ban_device(DeviceId device, bool banned, Callback<void> done) override;
  void credentials(XmppAccount account, Callback<Credentials> done) override;
  void open_session(OpenSessionRequest request, Callback<OpenedSession> done) override;
  void keep_sessions(std::vector<SessionPresence> sessions, Callback<void> done) override;
  void close_session(OpenSessionRequest session, SessionNumber number,
                     std::vector<CursorMove> moves, Callback<void> done) override;
  void register_app(RegisterRequest request, Callback<RegistrationView> done) override;
  void unregister_app(DeviceId device, RegId registration, Callback<void> done) override;
  void set_alias(NameChange change, Callback<void> done) override;
  void unset_alias(NameChange change, Callback<void> done) override;
  void set_user_account(NameChange change, Callback<void> done) override;
  void unset_user_account(NameChange change, Callback<void> done) override;
  void subscribe(NameChange change, Callback<RegistrationView> done) override;
  void unsubscribe(NameChange change, Callback<RegistrationView> done) override;
  void show_registration(RegId registration, Callback<RegistrationView> done) override;
  void read_feed(ReadRequest request, Callback<FeedPage> done) override;
  void acknowledge(std::vector<CursorMove> moves, Callback<void> done) override;
  void route(RouteRequest request, Callback<RouteReply> done) override;
  void set_presence(SessionPresence presence, Callback<void> done) override;
  void presences(XmppAccount account, Callback<std::vector<SessionPresence>> done) override;
  void archive_cursor(XmppAccount account, Callback<FeedNumber> done) override;
  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override;
  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override;
  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override;
  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override;

 private:
  // For steps that follow a wait. Where the partition has moved meanwhile, even if it has come
  // back, the caller was told so, and may have repeated the call at the owner between: this try is
  // over.
  struct Tenure {
    std::uint16_t home = 0;
    Position since = 0;
  };
  struct WaitingCall {
    Tenure begun;
    Callback<void> told;
  };
  // What the Core keeps per partition, all of it soft.
  struct Owned {
    std::unique_ptr<Partition> partition;
    std::unique_ptr<InterestTable> interest;
    Position since = 0;  // of the takeover record
    // Until then front ends may have more to tell of their sessions: who they are for is not known.
    MonotonicTime settled_at{};
    std::vector<WaitingCall> until_settled;  // in the order of their coming; bounded
    bool served = false;
    PresenceTable presence;
    MonotonicTime by_feed_until{};  // chat is left to the feed: its sessions were told anew
    TimerId schedule_timer = TimerId::kNone;
    Timestamp schedule_at;  // of that timer
    bool firing = false;    // due schedules are being fired
    bool indexing = false;  // topic changes are being applied
    bool index_again = false;
    Position indexed = 0;
    bool index_known = false;  // `indexed` was asked for
  };

  // core.cc
  void on_published(PartitionId partition, const FeedId& feed,
                    std::span<const EntryPtr> entries) override;
  void on_feed_reset(PartitionId partition, const FeedId& feed,
                     const Incarnation& incarnation) override;
  void on_open(PartitionId partition) override;
  void on_closed(PartitionId partition) override;
  void send(LaneMessage message) override;
  void confirm(LaneConfirm confirm) override;
  void carry(std::function<void(Core&)> deliver);
  void apply_lane(Transaction& transaction, BytesView payload);
  void no_longer_served(PartitionId partition);
  void forget_sessions_of(const NodeId& node);
  PartitionClaim claim_of(PartitionId partition) const;
  void tell_claim(PartitionId partition);
  void reload_apps(Callback<void> done);
  void tell_apps_changed(Callback<void> done);
  void load_apps(int repeats, Callback<void> done);
  void take_apps(std::vector<App> apps);
  void open_partitions(Callback<void> done);
  // What to say where an app is not found: while apps are not loaded, nobody knows.
  Error no_app(Error error) const;
  // The steps that other partitions' owners take.
  PeerService& peers() { return clustered() ? parts_.cluster->peers : local_peer_; }
  bool clustered() const { return parts_.cluster != nullptr; }
  bool serves(std::uint16_t home) { return !clustered() || owned(home).served; }
  // What is kept in memory about an account is known to its owner only.
  template <typename Reply>
  bool is_elsewhere(const XmppAccount& account, Callback<Reply>& done) {
    if (serves(home_of(account))) return false;
    done(Error{ErrorCode::kDeposed, "the account's partition is not here"});
    return true;
  }
  Tenure tenure(std::uint16_t home) { return {home, owned(home).since}; }
  template <typename Reply>
  bool is_over(const Tenure& tenure, Callback<Reply>& done) {
    if (!clustered() || (serves(tenure.home) && owned(tenure.home).since == tenure.since))
      return false;
    done(Error{ErrorCode::kDeposed, "the partition moved meanwhile"});
    return true;
  }
  Owned& owned(std::uint16_t home) { return owned_[partition_of(home, count_)]; }
  Partition& at(std::uint16_t home) { return *owned(home).partition; }
  template <typename Reply>
  void run(std::uint16_t home, WorkClass work_class, Work<Reply> work, Callback<Reply> done) {
    at(home).run<Reply>(work_class, std::move(work), std::move(done));
  }
  // A read on which a change at another partition's owner rests: one that was taken over from, and
  // got the call late, changes nothing there.
  template <typename Reply>
  void run_as_owner(std::uint16_t home, Work<Reply> work, Callback<Reply> done) {
    if (!clustered()) return run<Reply>(home, WorkClass::kRead, std::move(work), std::move(done));
    at(home).run_confirmed<Reply>(std::move(work), std::move(done));
  }
  Timestamp now() const { return environment_.clock.now(); }
  AcceptLimits accept_limits() const;

  // core_send.cc
  using PlanPtr = std::shared_ptr<const SendPlan>;  // shared by the steps of one send
  void schedule(const PlanPtr& plan, Callback<SendReply> done);
  void dispatch_repeatedly(const PlanPtr& plan, int repeats, Callback<SendReply> done);
  void dispatch(const PlanPtr& plan, Callback<SendReply> done);
  // True: an earlier try with this id is under way; answered so.
  template <typename Reply>
  bool is_under_way(const MessageId& id, bool repeated, Callback<Reply>& done) {
    if (repeated && under_way_.contains(id)) {
      done(Error{ErrorCode::kUnavailable, "an earlier try is under way", kUnderWayRetry});
      return true;
    }
    under_way_.insert(id);
    done = [this, id, d = std::move(done)](Result<Reply> reply) mutable {
      under_way_.erase(id);
      d(std::move(reply));
    };
    return false;
  }
  void dispatch_registration(const PlanPtr& plan, Callback<SendReply> done);
  void resolve(const PlanPtr& plan, Callback<Resolved> done);
  void resolve_names(const PlanPtr& plan, Callback<Resolved> done);
  void resolve_registrations(const PlanPtr& plan, Callback<Resolved> done);
  void trace_copies_of(const std::shared_ptr<TraceHome>& home, Callback<TraceReply> done);
  void trace_readers_of(const std::shared_ptr<TraceHome>& home, Callback<TraceReply> done);
  void trace_carriers(const std::shared_ptr<TraceHome>& home,
                      const std::vector<TopicCarrier>& carriers, Callback<TraceReply> done);

  // core_sessions.cc
  void open_user_session(const OpenSessionRequest& request, Callback<OpenedSession> done);
  void open_device_session(OpenSessionRequest request, Callback<OpenedSession> done);
  void announce_session(const OpenSessionRequest& request, SessionNumber number);
  void answer_if_current(OpenSessionRequest request, OpenedSession opened,
                         Callback<OpenedSession> done);
  void refuse_begun(const OpenSessionRequest& request, SessionNumber number, const Error& why,
                    Callback<OpenedSession>& done);
  void verify_views(std::vector<StoredView> stored, Callback<std::vector<RegistrationView>> done);
  void verify_view(StoredView stored, Callback<RegistrationView> done);
  void with_feed_state(const FeedId& feed, FeedNumber at_least, Callback<FeedState> done);
  void confirmed_state(const FeedId& feed, Callback<FeedState> done);
  void reset_shared_feed(const FeedId& feed, FeedNumber cursor, Callback<FeedState> done);
  // Asks the owner of each feed.
  void confirm_states(std::map<FeedId, FeedState> feeds,
                      Callback<std::map<FeedId, FeedState>> done);
  void commit_moves(std::vector<CheckedMove> moves, Callback<void> done);
  void close_sessions(const XmppAccount& account, ErrorCode why);
  void close_ended(PartitionId partition, std::vector<SessionPresence> kept);
  void close_if_ended(const SessionPresence& session, const DeviceStanding& device);
  void close_known(const XmppAccount& account, ErrorCode why);

  // core_registrations.cc
  struct NameWork;
  Position asked_since(const NameWork& work) const;
  void set_name(NameKind kind, const NameChange& change, Callback<void> done);
  void unset_name(NameKind kind, const NameChange& change, Callback<void> done);
  void set_at_owner(const std::shared_ptr<NameWork>& work);
  void unset_at_owner(const std::shared_ptr<NameWork>& work);
  void unless_settled(const std::shared_ptr<NameWork>& work,
                      void (Core::*change)(const std::shared_ptr<NameWork>&));
  void confirm_holder(const std::shared_ptr<NameWork>& work);
  void change_tag(const NameChange& change, bool carried, Callback<RegistrationView> done);
  void commit_tag(NameChange change, bool carried, TagTails tails, Callback<RegistrationView> done);
  void tails_of(const AppId& app, const Tag& tag, Callback<TagTails> done);
  void tell_ended(const DeviceId& device, const std::vector<RegId>& registrations);

  // core_devices.cc
  bool make_id_served_here(DeviceId& id);
  void derive_keys(std::string password, Callback<Credentials> done);
  void check_account(const XmppAccount& account, Callback<void> done);

  // core_users.cc
  void find_user(const XmppAccount& account, Callback<Credentials> done);
  void part_from_contacts(const XmppAccount& account, Callback<void> done);
  void part(const RosterItem& mine, Callback<bool> done);
  void skip_archive(const XmppAccount& account, Callback<void> done);
  void add_tails(DeviceStatus status, std::vector<StoredView> views, Callback<DeviceStatus> done);

  // core_accounts.cc
  void route_now(RouteRequest request, Callback<RouteReply> done);
  // False: front ends may have more to tell of the account's sessions.
  bool knows_sessions(const XmppAccount& account);
  // Until then. `told` hears kDeposed where the partition moved meanwhile, and kUnavailable at once
  // where too many wait.
  void await_sessions(const XmppAccount& account, Callback<void> told);
  // The same for a call, which is made again.
  template <typename Reply, typename Again>
  void await_sessions(const XmppAccount& account, Callback<Reply> done, Again again) {
    await_sessions(account,
                   [d = std::move(done), again = std::move(again)](const Status& told) mutable {
                     if (!told) return d(told.error());
                     again(std::move(d));
                   });
  }
  void settled(Owned& owner);
  // That one of the account's sessions takes no chat any more.
  void tell_others(const XmppAccount& account, std::string_view except);
  std::uint32_t reach(RouteRequest& request);
  std::uint32_t reach_now(const RouteRequest& request);
  void sessions_told_anew(Owned& owner);
  bool may_overtake(const RouteRequest& request);
  void archive_in_order(RouteRequest request, Callback<RouteReply> done);
  void archive(RouteRequest request, Callback<RouteReply> done);
  Result<FeedNumber> append_chat(Transaction& transaction, const RouteRequest& request) const;

  // core_upkeep.cc
  void start_upkeep();
  void confirm_heads();
  void sweep_contacts(PartitionId partition);
  void check_contacts(PartitionId partition, std::vector<Row> rows);
  void flush_counters();
  void measure();
  void watch_schedule(PartitionId partition, Timestamp at);
  void fire_schedules(PartitionId partition);
  void fire_next(PartitionId partition, const std::shared_ptr<std::vector<Row>>& rows,
                 std::size_t index);
  void drop_schedule(const SendPlan& plan, std::string reason, Callback<void> done);
  void index_when_committed(Transaction& transaction);
  void index_topics(PartitionId partition);
  void index_page(PartitionId partition, std::size_t rows_max);
  void apply_index(PartitionId partition, std::vector<Row> rows);
  void indexed(PartitionId partition, Position position, std::vector<Bytes> keys);
  void finish_index(PartitionId partition, bool done);

  const MiddleConfig config_;
  Environment environment_;
  CoreParts parts_;
  Logger log_;
  Counter& sends_;
  Counter& deliveries_;
  Gauge& served_;
  Gauge& feeds_followed_;
  Gauge& entries_untaken_;
  Gauge& lane_items_;
  const std::uint16_t count_;
  AppTable apps_;
  std::uint64_t app_changes_ = 0;  // made here
  AppLimits limits_;
  SessionTable sessions_;
  NodeTable nodes_;
  FeedStates feed_states_;
  std::vector<std::string> members_;
  std::set<MessageId> under_way_;          // sends and chats whose ids their callers made
  std::unordered_set<XmppAccount> users_;  // known to exist; a cache, bounded
  struct WaitingChat {
    Tenure begun;
    RouteRequest request;
    Callback<RouteReply> done;
  };
  // By account, behind one that is looked for in its archive. Bounded, all accounts together.
  std::unordered_map<XmppAccount, std::vector<WaitingChat>> looked_for_;
  std::size_t behind_looked_for_ = 0;
  // Who waits to hear whether an account exists, in the order of their coming: it is asked for
  // once. Bounded as well.
  std::unordered_map<XmppAccount, std::vector<Callback<void>>> accounts_asked_for_;
  std::size_t asking_for_accounts_ = 0;
  std::vector<Owned> owned_;
  LocalPeer local_peer_;
  std::size_t deriving_ = 0;  // keys, at the moment
  bool apps_loaded_ = false;
  bool started_ = false;
  bool stopping_ = false;
  LoopGuard guard_;
};

}  // namespace longwire::middle
