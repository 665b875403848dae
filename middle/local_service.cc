#include "middle/local_service.h"

#include <utility>

#include "middle/local_call.h"

namespace longwire::middle {
namespace {

class LocalService final : public Service {
 public:
  explicit LocalService(std::shared_ptr<LocalCalls> calls) : calls_(std::move(calls)) {}

  void send(SendRequest request, Callback<SendReply> done) override {
    forward<SendReply>(&Service::send, std::move(done), std::move(request));
  }
  void recall(RecallRequest request, Callback<void> done) override {
    forward<void>(&Service::recall, std::move(done), std::move(request));
  }
  void trace(MessageId id, Callback<TraceReply> done) override {
    forward<TraceReply>(&Service::trace, std::move(done), std::move(id));
  }
  void create_app(std::string name, PackageName package, Callback<CreatedApp> done) override {
    forward<CreatedApp>(&Service::create_app, std::move(done), std::move(name), std::move(package));
  }
  void list_apps(Callback<std::vector<App>> done) override {
    forward<std::vector<App>>(&Service::list_apps, std::move(done));
  }
  void rotate_secret(AppId app, std::chrono::milliseconds keep_old,
                     Callback<std::string> done) override {
    forward<std::string>(&Service::rotate_secret, std::move(done), std::move(app),
                         std::move(keep_old));
  }
  void find_app_by_secret(std::string secret, Callback<App> done) override {
    forward<App>(&Service::find_app_by_secret, std::move(done), std::move(secret));
  }
  void find_app_by_key(AppId app, AppKey key, Callback<App> done) override {
    forward<App>(&Service::find_app_by_key, std::move(done), std::move(app), std::move(key));
  }
  void add_user(XmppAccount account, std::string password, Callback<void> done) override {
    forward<void>(&Service::add_user, std::move(done), std::move(account), std::move(password));
  }
  void set_password(XmppAccount account, std::string password, Callback<void> done) override {
    forward<void>(&Service::set_password, std::move(done), std::move(account), std::move(password));
  }
  void remove_user(XmppAccount account, Callback<void> done) override {
    forward<void>(&Service::remove_user, std::move(done), std::move(account));
  }
  void list_users(XmppAccount after, std::size_t limit,
                  Callback<std::vector<XmppAccount>> done) override {
    forward<std::vector<XmppAccount>>(&Service::list_users, std::move(done), std::move(after),
                                      std::move(limit));
  }
  void create_device(CreateDeviceRequest request, Callback<CreatedDevice> done) override {
    forward<CreatedDevice>(&Service::create_device, std::move(done), std::move(request));
  }
  void show_device(DeviceId device, Callback<DeviceStatus> done) override {
    forward<DeviceStatus>(&Service::show_device, std::move(done), std::move(device));
  }
  void list_devices(DeviceId after, std::size_t limit,
                    Callback<std::vector<DeviceId>> done) override {
    forward<std::vector<DeviceId>>(&Service::list_devices, std::move(done), std::move(after),
                                   std::move(limit));
  }
  void remove_device(DeviceId device, Callback<void> done) override {
    forward<void>(&Service::remove_device, std::move(done), std::move(device));
  }
  void kick_device(DeviceId device, Callback<void> done) override {
    forward<void>(&Service::kick_device, std::move(done), std::move(device));
  }
  void ban_device(DeviceId device, bool banned, Callback<void> done) override {
    forward<void>(&Service::ban_device, std::move(done), std::move(device), std::move(banned));
  }
  void credentials(XmppAccount account, Callback<Credentials> done) override {
    forward<Credentials>(&Service::credentials, std::move(done), std::move(account));
  }
  void open_session(OpenSessionRequest request, Callback<OpenedSession> done) override {
    forward<OpenedSession>(&Service::open_session, std::move(done), std::move(request));
  }
  void keep_sessions(std::vector<SessionPresence> sessions, Callback<void> done) override {
    forward<void>(&Service::keep_sessions, std::move(done), std::move(sessions));
  }
  void close_session(OpenSessionRequest session, SessionNumber number,
                     std::vector<CursorMove> moves, Callback<void> done) override {
    forward<void>(&Service::close_session, std::move(done), std::move(session), std::move(number),
                  std::move(moves));
  }
  void register_app(RegisterRequest request, Callback<RegistrationView> done) override {
    forward<RegistrationView>(&Service::register_app, std::move(done), std::move(request));
  }
  void unregister_app(DeviceId device, RegId registration, Callback<void> done) override {
    forward<void>(&Service::unregister_app, std::move(done), std::move(device),
                  std::move(registration));
  }
  void set_alias(NameChange change, Callback<void> done) override {
    forward<void>(&Service::set_alias, std::move(done), std::move(change));
  }
  void unset_alias(NameChange change, Callback<void> done) override {
    forward<void>(&Service::unset_alias, std::move(done), std::move(change));
  }
  void set_user_account(NameChange change, Callback<void> done) override {
    forward<void>(&Service::set_user_account, std::move(done), std::move(change));
  }
  void unset_user_account(NameChange change, Callback<void> done) override {
    forward<void>(&Service::unset_user_account, std::move(done), std::move(change));
  }
  void subscribe(NameChange change, Callback<RegistrationView> done) override {
    forward<RegistrationView>(&Service::subscribe, std::move(done), std::move(change));
  }
  void unsubscribe(NameChange change, Callback<RegistrationView> done) override {
    forward<RegistrationView>(&Service::unsubscribe, std::move(done), std::move(change));
  }
  void show_registration(RegId registration, Callback<RegistrationView> done) override {
    forward<RegistrationView>(&Service::show_registration, std::move(done),
                              std::move(registration));
  }
  void read_feed(ReadRequest request, Callback<FeedPage> done) override {
    forward<FeedPage>(&Service::read_feed, std::move(done), std::move(request));
  }
  void acknowledge(std::vector<CursorMove> moves, Callback<void> done) override {
    forward<void>(&Service::acknowledge, std::move(done), std::move(moves));
  }
  void route(RouteRequest request, Callback<RouteReply> done) override {
    forward<RouteReply>(&Service::route, std::move(done), std::move(request));
  }
  void set_presence(SessionPresence presence, Callback<void> done) override {
    forward<void>(&Service::set_presence, std::move(done), std::move(presence));
  }
  void presences(XmppAccount account, Callback<std::vector<SessionPresence>> done) override {
    forward<std::vector<SessionPresence>>(&Service::presences, std::move(done), std::move(account));
  }
  void archive_cursor(XmppAccount account, Callback<FeedNumber> done) override {
    forward<FeedNumber>(&Service::archive_cursor, std::move(done), std::move(account));
  }
  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    forward<std::vector<RosterItem>>(&Service::get_roster, std::move(done), std::move(owner));
  }
  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    forward<std::optional<RosterItem>>(&Service::get_roster_item, std::move(done), std::move(owner),
                                       std::move(contact));
  }
  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    forward<std::optional<std::uint64_t>>(&Service::put_roster_item, std::move(done),
                                          std::move(item));
  }
  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    forward<bool>(&Service::remove_roster_item, std::move(done), std::move(owner),
                  std::move(contact));
  }

 private:
  template <typename Reply, typename Method, typename... Arguments>
  void forward(Method method, Callback<Reply> done, Arguments... arguments) {
    calls_->call<Reply>([](Core& core) -> Service& { return core; }, method, std::move(done),
                        std::move(arguments)...);
  }

  const std::shared_ptr<LocalCalls> calls_;
};

}  // namespace

std::unique_ptr<Service> make_local_service(std::shared_ptr<LocalCalls> calls) {
  return std::make_unique<LocalService>(std::move(calls));
}

}  // namespace longwire::middle
