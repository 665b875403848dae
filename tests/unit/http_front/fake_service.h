#pragma once

// A middle tier of canned answers: enough to see what the HTTP front asks, and how it tells what it
// hears. Answers come later, through the executor, as those of the real one do.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "middle/middle.h"
#include "middle/service.h"

namespace longwire::http::test {

inline constexpr const char* kSecret = "secret-1";
inline constexpr const char* kAppId = "2882303761517000001";
inline constexpr const char* kAppKey = "5001700000001";
inline constexpr const char* kPackage = "org.example.app";

inline middle::App example_app() {
  middle::App app;
  app.id = middle::AppId(kAppId);
  app.key = middle::AppKey(kAppKey);
  app.name = "Example";
  app.packages = {middle::PackageName(kPackage), middle::PackageName("org.example.other")};
  return app;
}

inline middle::MessageId example_message() {
  middle::MessageId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(i + 1);
  return id;
}

inline middle::SendReply example_reply() {
  middle::SendReply reply;
  reply.id = example_message();
  return reply;
}

// Loop-bound.
class FakeService final : public middle::Service {
 public:
  using App = middle::App;
  template <typename T>
  using Answer = std::function<Result<T>()>;

  explicit FakeService(Executor& executor) : executor_(executor) {}

  std::vector<middle::SendRequest> sent;
  std::size_t secrets_asked = 0;
  std::function<Result<middle::SendReply>(const middle::SendRequest&)> on_send =
      [](const middle::SendRequest&) { return example_reply(); };
  std::function<Result<middle::TraceReply>(const middle::MessageId&)> on_trace =
      [](const middle::MessageId& id) {
        middle::TraceReply trace;
        trace.id = id;
        trace.app = middle::AppId(kAppId);
        return trace;
      };
  std::function<Result<App>(const std::string&)> on_secret =
      [](const std::string& secret) -> Result<App> {
    if (secret == kSecret) return example_app();
    return Error{ErrorCode::kUnauthenticated, "no such secret"};
  };
  std::function<Result<middle::CreatedDevice>(const middle::CreateDeviceRequest&)> on_create =
      [](const middle::CreateDeviceRequest& request) -> Result<middle::CreatedDevice> {
    if (request.key.value() != kAppKey || request.app.value() != kAppId) {
      return Error{ErrorCode::kUnauthenticated, "no such app and key"};
    }
    return middle::CreatedDevice{.id = middle::DeviceId("d0001abc"), .password = "pass\"word"};
  };

  void send(middle::SendRequest request, Callback<middle::SendReply> done) override {
    auto reply = on_send(request);
    sent.push_back(std::move(request));
    later(std::move(done), std::move(reply));
  }
  void trace(middle::MessageId id, Callback<middle::TraceReply> done) override {
    later(std::move(done), on_trace(id));
  }
  void find_app_by_secret(std::string secret, Callback<App> done) override {
    ++secrets_asked;
    later(std::move(done), on_secret(secret));
  }
  void create_device(middle::CreateDeviceRequest request,
                     Callback<middle::CreatedDevice> done) override {
    later(std::move(done), on_create(request));
  }

  // The HTTP front asks none of these.
  using Id = middle::RegId;
  using Account = middle::XmppAccount;
  using Device = middle::DeviceId;
  using View = middle::RegistrationView;
  using Name = middle::NameChange;
  void recall(middle::RecallRequest, Callback<void> done) override { no(std::move(done)); }
  void create_app(std::string, middle::PackageName, Callback<middle::CreatedApp> done) override {
    no(std::move(done));
  }
  void list_apps(Callback<std::vector<App>> done) override { no(std::move(done)); }
  void rotate_secret(middle::AppId, std::chrono::milliseconds,
                     Callback<std::string> done) override {
    no(std::move(done));
  }
  void find_app_by_key(middle::AppId, middle::AppKey, Callback<App> done) override {
    no(std::move(done));
  }
  void add_user(Account, std::string, Callback<void> done) override { no(std::move(done)); }
  void set_password(Account, std::string, Callback<void> done) override { no(std::move(done)); }
  void remove_user(Account, Callback<void> done) override { no(std::move(done)); }
  void list_users(Account, std::size_t, Callback<std::vector<Account>> done) override {
    no(std::move(done));
  }
  void show_device(Device, Callback<middle::DeviceStatus> done) override { no(std::move(done)); }
  void list_devices(Device, std::size_t, Callback<std::vector<Device>> done) override {
    no(std::move(done));
  }
  void remove_device(Device, Callback<void> done) override { no(std::move(done)); }
  void kick_device(Device, Callback<void> done) override { no(std::move(done)); }
  void ban_device(Device, bool, Callback<void> done) override { no(std::move(done)); }
  void credentials(Account, Callback<middle::Credentials> done) override { no(std::move(done)); }
  void open_session(middle::OpenSessionRequest, Callback<middle::OpenedSession> done) override {
    no(std::move(done));
  }
  void keep_sessions(std::vector<middle::SessionPresence>, Callback<void> done) override {
    no(std::move(done));
  }
  void close_session(middle::OpenSessionRequest, middle::SessionNumber,
                     std::vector<middle::CursorMove>, Callback<void> done) override {
    no(std::move(done));
  }
  void register_app(middle::RegisterRequest, Callback<View> done) override { no(std::move(done)); }
  void unregister_app(Device, Id, Callback<void> done) override { no(std::move(done)); }
  void set_alias(Name, Callback<void> done) override { no(std::move(done)); }
  void unset_alias(Name, Callback<void> done) override { no(std::move(done)); }
  void set_user_account(Name, Callback<void> done) override { no(std::move(done)); }
  void unset_user_account(Name, Callback<void> done) override { no(std::move(done)); }
  void subscribe(Name, Callback<View> done) override { no(std::move(done)); }
  void unsubscribe(Name, Callback<View> done) override { no(std::move(done)); }
  void show_registration(Id, Callback<View> done) override { no(std::move(done)); }
  void read_feed(middle::ReadRequest, Callback<middle::FeedPage> done) override {
    no(std::move(done));
  }
  void acknowledge(std::vector<middle::CursorMove>, Callback<void> done) override {
    no(std::move(done));
  }
  void route(middle::RouteRequest, Callback<middle::RouteReply> done) override {
    no(std::move(done));
  }
  void set_presence(middle::SessionPresence, Callback<void> done) override { no(std::move(done)); }
  void presences(Account, Callback<std::vector<middle::SessionPresence>> done) override {
    no(std::move(done));
  }
  void archive_cursor(Account, Callback<middle::FeedNumber> done) override { no(std::move(done)); }
  void get_roster(Account, Callback<std::vector<middle::RosterItem>> done) override {
    no(std::move(done));
  }
  void get_roster_item(Account, std::string,
                       Callback<std::optional<middle::RosterItem>> done) override {
    no(std::move(done));
  }
  void put_roster_item(middle::RosterItem, Callback<std::optional<std::uint64_t>> done) override {
    no(std::move(done));
  }
  void remove_roster_item(Account, std::string, Callback<bool> done) override {
    no(std::move(done));
  }

 private:
  template <typename T>
  void later(Callback<T> done, Result<T> result) {
    executor_.post([done = std::move(done), result = std::move(result),
                    alive = std::weak_ptr<int>(alive_)]() mutable {
      if (!alive.expired()) done(std::move(result));
    });
  }
  template <typename T>
  void no(Callback<T> done) {
    later(std::move(done), Result<T>(Error{ErrorCode::kUnsupported, "not in this fake"}));
  }

  Executor& executor_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // no callback after the service is gone
};

// Links to fakes, one per loop. `prepare` sees each service on its loop, before its first call.
class FakeMiddle final : public middle::Middle {
 public:
  std::function<void(FakeService&)> prepare;

  void start(Callback<void> done) override { done({}); }
  middle::MiddleLink connect(Executor& loop, middle::NodeId, middle::FrontEnd*) override {
    auto service = std::make_unique<FakeService>(loop);
    if (prepare) prepare(*service);
    return {middle::NodeId(), std::move(service), nullptr};
  }
  void stop(Callback<void> done) override { done({}); }
};

}  // namespace longwire::http::test
