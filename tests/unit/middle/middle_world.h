#pragma once

// A middle tier on the memory store, moved by hand: the vocabulary of the middle's tests.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "base/hash.h"
#include "middle/feed/feed_rows.h"
#include "middle/middle.h"
#include "storage/memory/memory_store.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/middle/faulty_store.h"
#include "tests/unit/middle/reach.h"

namespace longwire::middle {

// The same bytes in every run.
class SeededRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      ++count_;
      byte = static_cast<std::uint8_t>(
          hash64(BytesView(reinterpret_cast<const char*>(&count_), sizeof count_)));
    }
  }

 private:
  std::uint64_t count_ = 0;
};

struct ToldFrontEnd final : FrontEnd {
  void on_stanza(RoutedStanza stanza) override { stanzas.push_back(std::move(stanza)); }
  void on_session_closed(SessionClosed session) override { closed.push_back(std::move(session)); }
  void on_receiver_gone(ReceiverGone gone) override { gone_told.push_back(std::move(gone)); }
  void on_registration_changed(RegistrationChanged changed) override {
    registrations.push_back(std::move(changed));
  }
  std::vector<RoutedStanza> stanzas;
  std::vector<SessionClosed> closed;
  std::vector<ReceiverGone> gone_told;
  std::vector<RegistrationChanged> registrations;
};

struct TestDevice {
  DeviceId id;
  RegId registration;
  SessionNumber session = 0;
  XmppAccount account() const { return XmppAccount(id.value()); }
};

class MiddleWorld : public ::testing::Test {
 public:
  explicit MiddleWorld(MiddleConfig with = {})
      : config(std::move(with)),
        storage(storage::make_memory_storage({.format = kStorageFormat,
                                              .partitions = 16,
                                              .home_hash_version = 1,
                                              .incarnation = Incarnation("i1")})),
        inner(storage::make_memory_store(executor, storage)),
        store(*inner, executor),
        directory(storage::make_memory_directory(executor, storage)) {
    start();
  }
  ~MiddleWorld() override { crash(); }

  void start() {
    middle = reach(config, environment, store, *directory, executor);
    std::optional<Status> started;
    middle->start([&](Status status) { started = std::move(status); });
    EXPECT_TRUE(
        executor.advance_until([&] { return started.has_value(); }, std::chrono::minutes(1)));
    EXPECT_TRUE(started->ok()) << started->error().message;
    link = middle->connect(NodeId("node-1"), front_end);
    executor.run_until_idle();
  }
  // Everything in memory is lost; what was committed stays.
  void crash() {
    link.feeds.reset();
    link.service.reset();
    middle.reset();
    executor.run_until_idle();
  }
  void restart() {
    crash();
    start();
  }
  Service& service() { return *link.service; }

  // Calls a method of the service and waits for its answer.
  template <typename Reply, typename Method, typename... Arguments>
  Result<Reply> ask(Method method, Arguments... arguments) {
    // Shared: an answer may come after the wait for it was given up.
    const auto answer = std::make_shared<std::optional<Result<Reply>>>();
    (service().*method)(std::move(arguments)...,
                        [answer](Result<Reply> reply) { answer->emplace(std::move(reply)); });
    executor.advance_until([&] { return answer->has_value(); }, std::chrono::minutes(2));
    if (!*answer) return Error{ErrorCode::kDeadlineExceeded, "no answer in this test"};
    return std::move(**answer);
  }

  const App& app() {
    if (!app_) {
      auto made =
          ask<CreatedApp>(&Service::create_app, std::string("demo"), PackageName("org.demo"));
      app_ = made.value().app;
      secret = made.value().secret;
    }
    return *app_;
  }
  TestDevice new_device() {
    CreateDeviceRequest request{app().id, app().key};
    auto made = ask<CreatedDevice>(&Service::create_device, request);
    TestDevice device;
    device.id = made.value().id;
    login(device);
    device.registration = registered(device).registration.id;
    return device;
  }
  OpenedSession login(TestDevice& device, const char* resource = "phone") {
    OpenSessionRequest request{device.account(), resource, NodeId("node-1")};
    OpenedSession opened = ask<OpenedSession>(&Service::open_session, request).value();
    device.session = opened.number;
    return opened;
  }
  RegistrationView registered(const TestDevice& device) {
    RegisterRequest request{device.id, app().id, app().key, PackageName("org.demo"), "1.0"};
    return ask<RegistrationView>(&Service::register_app, request).value();
  }

  SendRequest request(TargetKind target, std::vector<std::string> names, std::string body) {
    SendRequest made;
    made.app = app().id;
    made.target = target;
    made.names = std::move(names);
    made.body = std::move(body);
    return made;
  }
  Result<SendReply> send(SendRequest request) {
    return ask<SendReply>(&Service::send, std::move(request));
  }
  Result<SendReply> send_to(const TestDevice& device, std::string body) {
    return send(request(TargetKind::kRegId, {device.registration.value()}, std::move(body)));
  }
  Result<SendReply> send_to_topic(std::string topic, std::string body) {
    return send(request(TargetKind::kTopic, {std::move(topic)}, std::move(body)));
  }
  Result<SendReply> send_to_alias(std::string alias, std::string body) {
    return send(request(TargetKind::kAlias, {std::move(alias)}, std::move(body)));
  }

  NameChange change(const TestDevice& device, std::string name) {
    return {device.registration, device.id, std::move(name)};
  }
  Status set_alias(const TestDevice& device, std::string name) {
    return ask<void>(&Service::set_alias, change(device, std::move(name)));
  }
  Result<RegistrationView> subscribe(const TestDevice& device, std::string topic) {
    return ask<RegistrationView>(&Service::subscribe, change(device, std::move(topic)));
  }
  Result<RegistrationView> unsubscribe(const TestDevice& device, std::string topic) {
    return ask<RegistrationView>(&Service::unsubscribe, change(device, std::move(topic)));
  }
  RegistrationView view(const TestDevice& device) {
    return ask<RegistrationView>(&Service::show_registration, device.registration).value();
  }
  FeedNumber cursor(const TestDevice& device, const FeedId& feed) {
    for (const FeedPosition& position : view(device).feeds) {
      if (position.feed == feed) return position.cursor;
    }
    return 0;
  }
  FeedNumber inbox_cursor(const TestDevice& device) {
    return cursor(device, inbox_feed(device.registration));
  }
  Status acknowledge(const TestDevice& device, FeedId feed, FeedNumber number) {
    std::vector<CursorMove> moves{
        {device.account(), device.session, device.registration, std::move(feed), number}};
    return ask<void>(&Service::acknowledge, std::move(moves));
  }

  Result<FeedPage> read(FeedId feed, FeedNumber after = 0) {
    ReadRequest request;
    request.feed = std::move(feed);
    request.after = after;
    return ask<FeedPage>(&Service::read_feed, std::move(request));
  }
  FeedPage inbox(const TestDevice& device, FeedNumber after = 0) {
    return read(inbox_feed(device.registration), after).value();
  }
  // "1:hello 2:" for two entries, the second without body.
  std::string text(const FeedPage& page) {
    std::string all;
    for (const EntryPtr& entry : page.entries) {
      if (!all.empty()) all += ' ';
      all += std::to_string(entry->number) + ':' + entry->body;
    }
    return all;
  }
  std::string inbox_text(const TestDevice& device) { return text(inbox(device)); }
  std::vector<std::string> states(const MessageId& id) {
    std::vector<std::string> names;
    auto reply = ask<TraceReply>(&Service::trace, id);
    if (!reply) return {reply.error().message};
    for (const TraceCopy& copy : reply->copies) names.emplace_back(copy_state_name(copy.state));
    return names;
  }
  // Long times pass in one step: every timer that is due fires once.
  void pass(std::chrono::milliseconds time) {
    if (time < std::chrono::minutes(1)) return executor.advance(time);
    clock.advance(time);
    executor.advance(std::chrono::seconds(1));
  }

  // Storage as somebody else would change it behind the middle's back.
  void commit_as_other(PartitionId partition, std::vector<RowWrite> rows) {
    const WriterId other("other");
    std::optional<Head> head;
    inner->open(partition, other, [&](Result<Head> opened) { head = opened.value(); });
    executor.run_until_idle();
    Batch batch{{head->stamp.ms + 1}, head->state, std::move(rows)};
    inner->commit(partition, other, head->position + 1,
                  std::make_shared<const Batch>(std::move(batch)),
                  [](Result<CommitOutcome> outcome) { EXPECT_TRUE(outcome.ok()); });
    executor.run_until_idle();
  }
  // A backup of the time when the feed had `tail` entries was brought back.
  void go_back(const FeedId& feed, FeedNumber tail) {
    FeedRow row;
    row.tail = tail;
    commit_as_other(partition_of(home_of(feed), 16), {{feed_key(feed), encode(row), std::nullopt}});
  }

  MiddleConfig config;
  test::ManualClock clock;
  test::ManualExecutor executor{clock};
  SeededRandom random;
  Metrics metrics;
  Environment environment{executor, clock, random, null_log(), metrics};
  std::shared_ptr<storage::MemoryStorage> storage;
  std::unique_ptr<PartitionStore> inner;
  FaultyStore store;
  std::unique_ptr<Directory> directory;
  ToldFrontEnd front_end;
  std::unique_ptr<Reached> middle;
  MiddleLink link;
  std::string secret;

 private:
  std::optional<App> app_;
};

}  // namespace longwire::middle
