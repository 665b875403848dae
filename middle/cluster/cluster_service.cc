#include "middle/cluster/cluster_service.h"

#include <map>
#include <string>
#include <utility>

#include "middle/core/gather.h"
#include "middle/target/plan.h"

namespace longwire::middle::cluster {
namespace {

constexpr bool kOnce = false;  // a second time would be something else

class ClusterService final : public Service {
 public:
  ClusterService(std::shared_ptr<ServiceRoutes> routes, const Clock& clock, Random& random)
      : routes_(std::move(routes)), clock_(clock), random_(random) {}
  ~ClusterService() override { *alive_ = false; }

  // Its id is made here: it stays the same however often it is tried.
  void send(SendRequest request, Callback<SendReply> done) override {
    const auto home = home_of(request);
    if (home.ok() && !request.id) request.id = make_message_id(clock_.now(), *home, random_);
    const CallKind kind = home.ok() ? at(*home) : anywhere();
    call<&Service::send>(kind, std::move(done), std::move(request));
  }
  void recall(RecallRequest request, Callback<void> done) override {
    const CallKind kind = at(request.id.home());
    call<&Service::recall>(kind, std::move(done), std::move(request));
  }
  void trace(MessageId id, Callback<TraceReply> done) override {
    call<&Service::trace>(at(id.home()), std::move(done), id);
  }

  void create_app(std::string name, PackageName package, Callback<CreatedApp> done) override {
    call<&Service::create_app>(anywhere(kOnce), std::move(done), std::move(name),
                               std::move(package));
  }
  void list_apps(Callback<std::vector<App>> done) override {
    call<&Service::list_apps>(anywhere(), std::move(done));
  }
  // By the app's own owner: two at once follow each other.
  void rotate_secret(AppId app, std::chrono::milliseconds keep_old,
                     Callback<std::string> done) override {
    CallKind kind = of(app_feed(app));
    kind.repeatable = kOnce;
    call<&Service::rotate_secret>(kind, std::move(done), std::move(app), keep_old);
  }
  void find_app_by_secret(std::string secret, Callback<App> done) override {
    call<&Service::find_app_by_secret>(anywhere(), std::move(done), std::move(secret));
  }
  void find_app_by_key(AppId app, AppKey key, Callback<App> done) override {
    call<&Service::find_app_by_key>(anywhere(), std::move(done), std::move(app), std::move(key));
  }

  void add_user(XmppAccount account, std::string password, Callback<void> done) override {
    CallKind kind = of(account);
    kind.repeatable = kOnce;
    call<&Service::add_user>(kind, std::move(done), std::move(account), std::move(password));
  }
  void set_password(XmppAccount account, std::string password, Callback<void> done) override {
    call<&Service::set_password>(of(account), std::move(done), account, std::move(password));
  }
  void remove_user(XmppAccount account, Callback<void> done) override {
    CallKind kind = of(account);
    kind.repeatable = kOnce;
    call<&Service::remove_user>(kind, std::move(done), std::move(account));
  }
  void list_users(XmppAccount after, std::size_t limit,
                  Callback<std::vector<XmppAccount>> done) override {
    call<&Service::list_users>(anywhere(), std::move(done), std::move(after), limit);
  }

  // A second one is an account that never logs in, which ends by itself.
  void create_device(CreateDeviceRequest request, Callback<CreatedDevice> done) override {
    call<&Service::create_device>(anywhere(), std::move(done), std::move(request));
  }
  void show_device(DeviceId device, Callback<DeviceStatus> done) override {
    call<&Service::show_device>(of(device), std::move(done), device);
  }
  void list_devices(DeviceId after, std::size_t limit,
                    Callback<std::vector<DeviceId>> done) override {
    call<&Service::list_devices>(anywhere(), std::move(done), std::move(after), limit);
  }
  void remove_device(DeviceId device, Callback<void> done) override {
    CallKind kind = of(device);
    kind.gone_is_done = true;
    call<&Service::remove_device>(kind, std::move(done), std::move(device));
  }
  void kick_device(DeviceId device, Callback<void> done) override {
    CallKind kind = of(device);
    kind.repeatable = kOnce;
    call<&Service::kick_device>(kind, std::move(done), std::move(device));
  }
  void ban_device(DeviceId device, bool banned, Callback<void> done) override {
    call<&Service::ban_device>(of(device), std::move(done), device, banned);
  }

  void credentials(XmppAccount account, Callback<Credentials> done) override {
    call<&Service::credentials>(of(account), std::move(done), account);
  }
  void open_session(OpenSessionRequest request, Callback<OpenedSession> done) override;
  void keep_sessions(std::vector<SessionPresence> sessions, Callback<void> done) override {
    by_partition<&Service::keep_sessions>(std::move(sessions), std::move(done), true);
  }
  void close_session(OpenSessionRequest session, SessionNumber number,
                     std::vector<CursorMove> moves, Callback<void> done) override {
    const CallKind kind = of(session.account);
    call<&Service::close_session>(kind, std::move(done), std::move(session), number,
                                  std::move(moves));
  }

  void register_app(RegisterRequest request, Callback<RegistrationView> done) override {
    const CallKind kind = of(request.device);
    call<&Service::register_app>(kind, std::move(done), std::move(request));
  }
  void unregister_app(DeviceId device, RegId registration, Callback<void> done) override {
    CallKind kind = of(registration);
    kind.gone_is_done = true;
    call<&Service::unregister_app>(kind, std::move(done), std::move(device),
                                   std::move(registration));
  }
  void set_alias(NameChange change, Callback<void> done) override {
    change_name<&Service::set_alias>(std::move(change), std::move(done));
  }
  void unset_alias(NameChange change, Callback<void> done) override {
    change_name<&Service::unset_alias>(std::move(change), std::move(done));
  }
  void set_user_account(NameChange change, Callback<void> done) override {
    change_name<&Service::set_user_account>(std::move(change), std::move(done));
  }
  void unset_user_account(NameChange change, Callback<void> done) override {
    change_name<&Service::unset_user_account>(std::move(change), std::move(done));
  }
  void subscribe(NameChange change, Callback<RegistrationView> done) override {
    change_name<&Service::subscribe>(std::move(change), std::move(done));
  }
  void unsubscribe(NameChange change, Callback<RegistrationView> done) override {
    change_name<&Service::unsubscribe>(std::move(change), std::move(done));
  }
  void show_registration(RegId registration, Callback<RegistrationView> done) override {
    call<&Service::show_registration>(of(registration), std::move(done), registration);
  }

  void read_feed(ReadRequest request, Callback<FeedPage> done) override {
    const CallKind kind = of(request.feed);
    call<&Service::read_feed>(kind, std::move(done), std::move(request));
  }
  void acknowledge(std::vector<CursorMove> moves, Callback<void> done) override {
    by_partition<&Service::acknowledge>(std::move(moves), std::move(done));
  }

  // Not kept for later, it would come twice.
  void route(RouteRequest request, Callback<RouteReply> done) override {
    CallKind kind = of(request.to);
    kind.repeatable = request.archive;
    call<&Service::route>(kind, std::move(done), std::move(request));
  }
  void set_presence(SessionPresence presence, Callback<void> done) override {
    const CallKind kind = of(presence.account);
    call<&Service::set_presence>(kind, std::move(done), std::move(presence));
  }
  void presences(XmppAccount account, Callback<std::vector<SessionPresence>> done) override {
    call<&Service::presences>(of(account), std::move(done), account);
  }
  void archive_cursor(XmppAccount account, Callback<FeedNumber> done) override {
    call<&Service::archive_cursor>(of(account), std::move(done), account);
  }
  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    call<&Service::get_roster>(anywhere(), std::move(done), std::move(owner));
  }
  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    call<&Service::get_roster_item>(anywhere(), std::move(done), std::move(owner),
                                    std::move(contact));
  }
  // Of two tries the second would find the first one's version, and lose to it.
  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    call<&Service::put_roster_item>(anywhere(kOnce), std::move(done), std::move(item));
  }
  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    call<&Service::remove_roster_item>(anywhere(kOnce), std::move(done), std::move(owner),
                                       std::move(contact));
  }

 private:
  CallKind at(std::uint16_t home) const {
    return {.partition = partition_of(home, routes_->owners.partitions())};
  }
  template <typename Id>
  CallKind of(const Id& id) const {
    return at(home_of(id));
  }
  static CallKind anywhere(bool repeatable = true) {
    return {.partition = std::nullopt, .repeatable = repeatable};
  }
  PartitionId partition_of_item(const CursorMove& move) const {
    return *of(move.account).partition;
  }
  PartitionId partition_of_item(const SessionPresence& session) const {
    return *of(session.account).partition;
  }

  template <auto Member, typename R, typename... Args>
  void call(const CallKind& kind, Callback<R> done, Args... args) {
    auto unless_gone = [alive = alive_, d = std::move(done)](Result<R> result) mutable {
      if (*alive) d(std::move(result));
    };
    routes_->router.template call<Member, R>(kind, Callback<R>(std::move(unless_gone)),
                                             std::move(args)...);
  }
  template <auto Member, typename R>
  void change_name(NameChange change, Callback<R> done) {
    const CallKind kind = of(change.registration);
    call<Member>(kind, std::move(done), std::move(change));
  }
  // A call a partition: each may have moved by itself.
  template <auto Member, typename Item>
  void by_partition(std::vector<Item> items, Callback<void> done, bool first = false) {
    std::map<PartitionId, std::vector<Item>> groups;
    for (Item& item : items) {
      const PartitionId partition = partition_of_item(item);
      groups[partition].push_back(std::move(item));
    }
    auto all = Gather<bool>::make([d = std::move(done)](Result<std::vector<bool>> each) mutable {
      d(each ? Status() : Status(each.error()));
    });
    for (auto& [partition, group] : groups) {
      auto answered = [answer = all->ask()](Status status) mutable {
        if (!status) return answer(status.error());
        answer(true);
      };
      call<Member>(CallKind{.partition = partition, .first = first},
                   Callback<void>(std::move(answered)), std::move(group));
    }
    all->close();
  }

  const std::shared_ptr<ServiceRoutes> routes_;
  const Clock& clock_;
  Random& random_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Who took the partition over while the answer was on its way does not know of the session: the
// front end, which was told of the new owner, did not have it yet.
void ClusterService::open_session(OpenSessionRequest request, Callback<OpenedSession> done) {
  const CallKind kind = of(request.account);
  SessionPresence session;
  session.account = request.account;
  session.resource = request.resource;
  session.node = request.node;
  auto opened = [this, kind, owner = routes_->owners.of(*kind.partition), s = std::move(session),
                 d = std::move(done)](Result<OpenedSession> answer) mutable {
    if (answer.ok() && owner != routes_->owners.of(*kind.partition)) {
      s.session = answer->number;
      keep_sessions({std::move(s)}, [](const Status&) {});
    }
    d(std::move(answer));
  };
  call<&Service::open_session>(kind, Callback<OpenedSession>(std::move(opened)),
                               std::move(request));
}

}  // namespace

std::unique_ptr<Service> make_cluster_service(std::shared_ptr<ServiceRoutes> routes,
                                              const Clock& clock, Random& random) {
  return std::make_unique<ClusterService>(std::move(routes), clock, random);
}

}  // namespace longwire::middle::cluster
