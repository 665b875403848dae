#include "middle/remote/remote_service.h"

#include <string>
#include <utility>

#include "middle/remote/channel.h"
#include "middle/remote/methods.h"

namespace longwire::middle::remote {
namespace {

class RemoteService final : public Service {
 public:
  explicit RemoteService(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  ~RemoteService() override { *alive_ = false; }

  void send(SendRequest request, Callback<SendReply> done) override {
    call<&Service::send>(std::move(done), request);
  }
  void recall(RecallRequest request, Callback<void> done) override {
    call<&Service::recall>(std::move(done), request);
  }
  void trace(MessageId id, Callback<TraceReply> done) override {
    call<&Service::trace>(std::move(done), id);
  }
  void create_app(std::string name, PackageName package, Callback<CreatedApp> done) override {
    call<&Service::create_app>(std::move(done), name, package);
  }
  void list_apps(Callback<std::vector<App>> done) override {
    call<&Service::list_apps>(std::move(done));
  }
  void rotate_secret(AppId app, std::chrono::milliseconds keep_old,
                     Callback<std::string> done) override {
    call<&Service::rotate_secret>(std::move(done), app, keep_old);
  }
  void find_app_by_secret(std::string secret, Callback<App> done) override {
    call<&Service::find_app_by_secret>(std::move(done), secret);
  }
  void find_app_by_key(AppId app, AppKey key, Callback<App> done) override {
    call<&Service::find_app_by_key>(std::move(done), app, key);
  }
  void add_user(XmppAccount account, std::string password, Callback<void> done) override {
    call<&Service::add_user>(std::move(done), account, password);
  }
  void set_password(XmppAccount account, std::string password, Callback<void> done) override {
    call<&Service::set_password>(std::move(done), account, password);
  }
  void remove_user(XmppAccount account, Callback<void> done) override {
    call<&Service::remove_user>(std::move(done), account);
  }
  void list_users(XmppAccount after, std::size_t limit,
                  Callback<std::vector<XmppAccount>> done) override {
    call<&Service::list_users>(std::move(done), after, limit);
  }
  void create_device(CreateDeviceRequest request, Callback<CreatedDevice> done) override {
    call<&Service::create_device>(std::move(done), request);
  }
  void show_device(DeviceId device, Callback<DeviceStatus> done) override {
    call<&Service::show_device>(std::move(done), device);
  }
  void list_devices(DeviceId after, std::size_t limit,
                    Callback<std::vector<DeviceId>> done) override {
    call<&Service::list_devices>(std::move(done), after, limit);
  }
  void remove_device(DeviceId device, Callback<void> done) override {
    call<&Service::remove_device>(std::move(done), device);
  }
  void kick_device(DeviceId device, Callback<void> done) override {
    call<&Service::kick_device>(std::move(done), device);
  }
  void ban_device(DeviceId device, bool banned, Callback<void> done) override {
    call<&Service::ban_device>(std::move(done), device, banned);
  }
  void credentials(XmppAccount account, Callback<Credentials> done) override {
    call<&Service::credentials>(std::move(done), account);
  }
  void open_session(OpenSessionRequest request, Callback<OpenedSession> done) override {
    call<&Service::open_session>(std::move(done), request);
  }
  void keep_sessions(std::vector<SessionPresence> sessions, Callback<void> done) override {
    call<&Service::keep_sessions>(std::move(done), sessions);
  }
  void close_session(OpenSessionRequest session, SessionNumber number,
                     std::vector<CursorMove> moves, Callback<void> done) override {
    call<&Service::close_session>(std::move(done), session, number, moves);
  }
  void register_app(RegisterRequest request, Callback<RegistrationView> done) override {
    call<&Service::register_app>(std::move(done), request);
  }
  void unregister_app(DeviceId device, RegId registration, Callback<void> done) override {
    call<&Service::unregister_app>(std::move(done), device, registration);
  }
  void set_alias(NameChange change, Callback<void> done) override {
    call<&Service::set_alias>(std::move(done), change);
  }
  void unset_alias(NameChange change, Callback<void> done) override {
    call<&Service::unset_alias>(std::move(done), change);
  }
  void set_user_account(NameChange change, Callback<void> done) override {
    call<&Service::set_user_account>(std::move(done), change);
  }
  void unset_user_account(NameChange change, Callback<void> done) override {
    call<&Service::unset_user_account>(std::move(done), change);
  }
  void subscribe(NameChange change, Callback<RegistrationView> done) override {
    call<&Service::subscribe>(std::move(done), change);
  }
  void unsubscribe(NameChange change, Callback<RegistrationView> done) override {
    call<&Service::unsubscribe>(std::move(done), change);
  }
  void show_registration(RegId registration, Callback<RegistrationView> done) override {
    call<&Service::show_registration>(std::move(done), registration);
  }
  void read_feed(ReadRequest request, Callback<FeedPage> done) override {
    call<&Service::read_feed>(std::move(done), request);
  }
  void acknowledge(std::vector<CursorMove> moves, Callback<void> done) override {
    call<&Service::acknowledge>(std::move(done), moves);
  }
  void route(RouteRequest request, Callback<RouteReply> done) override {
    call<&Service::route>(std::move(done), request);
  }
  void set_presence(SessionPresence presence, Callback<void> done) override {
    call<&Service::set_presence>(std::move(done), presence);
  }
  void presences(XmppAccount account, Callback<std::vector<SessionPresence>> done) override {
    call<&Service::presences>(std::move(done), account);
  }
  void archive_cursor(XmppAccount account, Callback<FeedNumber> done) override {
    call<&Service::archive_cursor>(std::move(done), account);
  }
  void get_roster(XmppAccount owner, Callback<std::vector<RosterItem>> done) override {
    call<&Service::get_roster>(std::move(done), owner);
  }
  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<RosterItem>> done) override {
    call<&Service::get_roster_item>(std::move(done), owner, contact);
  }
  void put_roster_item(RosterItem item, Callback<std::optional<std::uint64_t>> done) override {
    call<&Service::put_roster_item>(std::move(done), item);
  }
  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    call<&Service::remove_roster_item>(std::move(done), owner, contact);
  }

 private:
  template <auto Member, typename R, typename... Args>
  void call(Callback<R> done, const Args&... args) {
    call_channel(*channel_, kNameOf<Member>, alive_, std::move(done), args...);
  }

  const std::shared_ptr<Channel> channel_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<Service> make_remote_service(std::shared_ptr<Channel> channel) {
  return std::make_unique<RemoteService>(std::move(channel));
}

}  // namespace longwire::middle::remote
