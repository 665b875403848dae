#pragma once

// A middle tier of one device, for tests of channels: it records what it is asked, and answers with
// what the test says, one turn of the loop later.

#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "middle/service.h"

namespace longwire::channels {

class FakeService final : public middle::Service {
 public:
  explicit FakeService(Executor& executor) : executor_(executor) {}

  Result<middle::RegistrationView> view = Error{ErrorCode::kNotFound, "no such registration"};
  Result<middle::FeedPage> page = middle::FeedPage{};
  Status status;
  bool holds_answers = false;  // keeps callbacks until release()
  std::vector<std::string> asked;
  std::vector<middle::CursorMove> moves;
  std::vector<std::size_t> move_calls;

  void release() {
    holds_answers = false;
    for (auto& task : std::exchange(held_, {})) executor_.post(std::move(task));
  }

  void register_app(middle::RegisterRequest request,
                    Callback<middle::RegistrationView> done) override {
    asked.push_back("register " + request.app.value() + " " + request.package.value());
    answer(view, std::move(done));
  }
  void unregister_app(middle::DeviceId device, middle::RegId id, Callback<void> done) override {
    asked.push_back("unregister " + device.value() + " " + id.value());
    answer(status, std::move(done));
  }
  void set_alias(middle::NameChange change, Callback<void> done) override {
    note("set_alias", change);
    answer(status, std::move(done));
  }
  void unset_alias(middle::NameChange change, Callback<void> done) override {
    note("unset_alias", change);
    answer(status, std::move(done));
  }
  void set_user_account(middle::NameChange change, Callback<void> done) override {
    note("set_account", change);
    answer(status, std::move(done));
  }
  void unset_user_account(middle::NameChange change, Callback<void> done) override {
    note("unset_account", change);
    answer(status, std::move(done));
  }
  void subscribe(middle::NameChange change, Callback<middle::RegistrationView> done) override {
    note("subscribe", change);
    answer(view, std::move(done));
  }
  void unsubscribe(middle::NameChange change, Callback<middle::RegistrationView> done) override {
    note("unsubscribe", change);
    answer(view, std::move(done));
  }
  void show_registration(middle::RegId id, Callback<middle::RegistrationView> done) override {
    asked.push_back("show " + id.value());
    answer(view, std::move(done));
  }
  void read_feed(middle::ReadRequest request, Callback<middle::FeedPage> done) override {
    asked.push_back("read " + request.feed.value() + " after " + std::to_string(request.after));
    answer(page, std::move(done));
  }
  void acknowledge(std::vector<middle::CursorMove> given, Callback<void> done) override {
    move_calls.push_back(given.size());
    if (status.ok()) moves.insert(moves.end(), given.begin(), given.end());
    answer(status, std::move(done));
  }

  // What no channel asks for.
  void send(middle::SendRequest, Callback<middle::SendReply>) override { unexpected(); }
  void recall(middle::RecallRequest, Callback<void>) override { unexpected(); }
  void trace(middle::MessageId, Callback<middle::TraceReply>) override { unexpected(); }
  void create_app(std::string, middle::PackageName, Callback<middle::CreatedApp>) override {
    unexpected();
  }
  void list_apps(Callback<std::vector<middle::App>>) override { unexpected(); }
  void rotate_secret(middle::AppId, std::chrono::milliseconds, Callback<std::string>) override {
    unexpected();
  }
  void find_app_by_secret(std::string, Callback<middle::App>) override { unexpected(); }
  void find_app_by_key(middle::AppId, middle::AppKey, Callback<middle::App>) override {
    unexpected();
  }
  void add_user(middle::XmppAccount, std::string, Callback<void>) override { unexpected(); }
  void set_password(middle::XmppAccount, std::string, Callback<void>) override { unexpected(); }
  void remove_user(middle::XmppAccount, Callback<void>) override { unexpected(); }
  void list_users(middle::XmppAccount, std::size_t,
                  Callback<std::vector<middle::XmppAccount>>) override {
    unexpected();
  }
  void create_device(middle::CreateDeviceRequest, Callback<middle::CreatedDevice>) override {
    unexpected();
  }
  void show_device(middle::DeviceId, Callback<middle::DeviceStatus>) override { unexpected(); }
  void list_devices(middle::DeviceId, std::size_t,
                    Callback<std::vector<middle::DeviceId>>) override {
    unexpected();
  }
  void remove_device(middle::DeviceId, Callback<void>) override { unexpected(); }
  void kick_device(middle::DeviceId, Callback<void>) override { unexpected(); }
  void ban_device(middle::DeviceId, bool, Callback<void>) override { unexpected(); }
  void credentials(middle::XmppAccount, Callback<middle::Credentials>) override { unexpected(); }
  void open_session(middle::OpenSessionRequest, Callback<middle::OpenedSession>) override {
    unexpected();
  }
  void keep_sessions(std::vector<middle::SessionPresence>, Callback<void>) override {
    unexpected();
  }
  void close_session(middle::OpenSessionRequest, middle::SessionNumber,
                     std::vector<middle::CursorMove>, Callback<void>) override {
    unexpected();
  }
  void route(middle::RouteRequest, Callback<middle::RouteReply>) override { unexpected(); }
  void set_presence(middle::SessionPresence, Callback<void>) override { unexpected(); }
  void presences(middle::XmppAccount, Callback<std::vector<middle::SessionPresence>>) override {
    unexpected();
  }
  void archive_cursor(middle::XmppAccount, Callback<middle::FeedNumber>) override { unexpected(); }
  void get_roster(middle::XmppAccount, Callback<std::vector<middle::RosterItem>>) override {
    unexpected();
  }
  void get_roster_item(middle::XmppAccount, std::string,
                       Callback<std::optional<middle::RosterItem>>) override {
    unexpected();
  }
  void put_roster_item(middle::RosterItem, Callback<std::optional<std::uint64_t>>) override {
    unexpected();
  }
  void remove_roster_item(middle::XmppAccount, std::string, Callback<bool>) override {
    unexpected();
  }

 private:
  [[noreturn]] static void unexpected() { check_failed("asked by a channel", __FILE__, __LINE__); }
  void note(const std::string& what, const middle::NameChange& change) {
    asked.push_back(what + " " + change.registration.value() + " " + change.name);
  }
  template <typename T>
  void answer(Result<T> result, Callback<T> done) {
    Task task = [result = std::move(result), done = std::move(done)]() mutable {
      done(std::move(result));
    };
    if (holds_answers) return held_.push_back(std::move(task));
    executor_.post(std::move(task));
  }

  Executor& executor_;
  std::vector<Task> held_;
};

}  // namespace longwire::channels
