#pragma once

// Middle nodes over one memory store, and front ends, moved by hand: the vocabulary of the
// cluster's tests.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "base/random.h"
#include "middle/cluster/clustered_middle.h"
#include "storage/memory/memory_membership.h"
#include "storage/memory/memory_store.h"
#include "tests/support/manual_executor.h"
#include "tests/support/pipe_network.h"

namespace longwire::middle::cluster {

// A front end that does as each has to: it tells new owners of its sessions.
struct TestFrontEnd final : FrontEnd {
  void on_stanza(RoutedStanza stanza) override { stanzas.push_back(std::move(stanza)); }
  void on_session_closed(SessionClosed session) override { closed.push_back(std::move(session)); }
  void on_receiver_gone(ReceiverGone) override {}
  void on_registration_changed(RegistrationChanged) override {}
  void on_owners_changed(const OwnersChanged& changed) override {
    std::vector<SessionPresence> concerned;
    for (const SessionPresence& session : sessions) {
      if (changed.concerns(session.account)) concerned.push_back(session);
    }
    if (!concerned.empty()) link.service->keep_sessions(concerned, [](const Status&) {});
  }
  std::vector<SessionPresence> sessions;
  std::vector<RoutedStanza> stanzas;
  std::vector<SessionClosed> closed;
  MiddleLink link;
};

struct TestNode {
  std::unique_ptr<Membership> membership;
  std::unique_ptr<PartitionStore> store;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<MiddleTier> middle;
  std::optional<Status> started;
};

class ClusterWorld : public ::testing::Test {
 public:
  static constexpr std::uint16_t kPartitions = 16;

  ~ClusterWorld() override {
    for (auto& front_end : front_ends) front_end->link = {};
    for (auto& [address, node] : nodes) network.close(address);
    nodes.clear();
    executor.run_until_idle();
  }

  void start(const std::string& address) {
    auto& node = nodes[address];
    node.membership = storage::make_memory_membership(executor, members);
    node.store = storage::make_memory_store(executor, storage);
    node.directory = storage::make_memory_directory(executor, storage);
    node.middle = make_clustered_middle(
        config, environment, *node.store, *node.directory, executor,
        {.membership = *node.membership,
         .self = {.address = address, .life = "life" + std::to_string(++lives), .version = "1"},
         .dialer = [this](Executor&) -> Dialer& { return network; }});
    network.open(address, *node.middle, kPartitions);
    node.middle->start([&node](Status status) { node.started = std::move(status); });
  }
  void start_all(const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses) start(address);
    for (const std::string& address : addresses) {
      ASSERT_TRUE(executor.advance_until([&] { return nodes[address].started.has_value(); },
                                         std::chrono::minutes(1)));
      EXPECT_TRUE(nodes[address].started->ok());
    }
    executor.advance(std::chrono::seconds(3));  // all moves are over
  }
  // The lease goes on until end_lease().
  void kill(const std::string& address) {
    members->cut_off(address);
    network.close(address);
    nodes.erase(address);
    executor.run_until_idle();
  }
  void end_lease(const std::string& address) {
    members->expire(address);
    members->reconnect(address);
  }
  // As a stopped process: it neither hears, nor says, nor learns anything.
  void halt(const std::string& address) {
    network.set_silent(address, true);
    members->cut_off(address);
  }
  void wake(const std::string& address) {
    network.set_silent(address, false);
    members->reconnect(address);
  }
  void leave(const std::string& address) {
    std::optional<Status> stopped;
    nodes[address].middle->stop([&](Status status) { stopped = std::move(status); });
    EXPECT_TRUE(
        executor.advance_until([&] { return stopped.has_value(); }, std::chrono::seconds(30)));
    network.close(address);
    nodes.erase(address);
  }

  TestFrontEnd& new_front_end(const std::string& seed) { return new_front_end_of({seed}); }
  TestFrontEnd& new_front_end_of(const std::vector<std::string>& seeds) {
    front_ends.push_back(std::make_unique<TestFrontEnd>());
    TestFrontEnd& made = *front_ends.back();
    made.link =
        make_cluster_link(environment, {.node = NodeId("front" + std::to_string(front_ends.size())),
                                        .seeds = seeds,
                                        .dialer = network,
                                        .front_end = &made,
                                        .partitions = kPartitions});
    return made;
  }

  template <typename Reply, typename Method, typename... Arguments>
  Result<Reply> ask(TestFrontEnd& front_end, Method method, Arguments... arguments) {
    // Shared: an answer may come after the wait for it was given up.
    const auto answer = std::make_shared<std::optional<Result<Reply>>>();
    (front_end.link.service.get()->*method)(std::move(arguments)..., [answer](Result<Reply> reply) {
      answer->emplace(std::move(reply));
    });
    executor.advance_until([&] { return answer->has_value(); }, std::chrono::minutes(2));
    if (!*answer) return Error{ErrorCode::kDeadlineExceeded, "no answer in this test"};
    return std::move(**answer);
  }

  void make_app(TestFrontEnd& front_end) {
    app = ask<CreatedApp>(front_end, &Service::create_app, std::string("demo"),
                          PackageName("org.demo"))
              .value()
              .app;
  }
  struct Device {
    DeviceId id;
    RegId registration;
    XmppAccount account() const { return XmppAccount(id.value()); }
  };
  Device new_device(TestFrontEnd& front_end) {
    Device device;
    device.id =
        ask<CreatedDevice>(front_end, &Service::create_device, CreateDeviceRequest{app.id, app.key})
            .value()
            .id;
    login(front_end, device.account());
    RegisterRequest request{device.id, app.id, app.key, PackageName("org.demo"), "1.0"};
    device.registration =
        ask<RegistrationView>(front_end, &Service::register_app, request).value().registration.id;
    return device;
  }
  SessionNumber login(TestFrontEnd& front_end, const XmppAccount& account) {
    const OpenSessionRequest request{account, "phone", front_end.link.node};
    SessionPresence session;
    session.account = account;
    session.resource = "phone";
    session.node = front_end.link.node;
    session.session = ask<OpenedSession>(front_end, &Service::open_session, request).value().number;
    session.available = true;
    front_end.sessions.push_back(session);
    if (!is_device_id(account.value())) {
      EXPECT_TRUE(ask<void>(front_end, &Service::set_presence, session).ok());
    }
    return session.session;
  }

  SendRequest request(TargetKind target, std::string name, std::string body) const {
    SendRequest made;
    made.app = app.id;
    made.target = target;
    made.names = {std::move(name)};
    made.body = std::move(body);
    return made;
  }
  // Answered later; errors are counted.
  void begin_send(TestFrontEnd& front_end, const RegId& to, std::string body) {
    ++open_sends;
    front_end.link.service->send(request(TargetKind::kRegId, to.value(), std::move(body)),
                                 [this](const Result<SendReply>& reply) {
                                   --open_sends;
                                   if (!reply.ok()) errors.push_back(reply.error().message);
                                 });
  }
  void finish_sends() {
    EXPECT_TRUE(executor.advance_until([&] { return open_sends == 0; }, std::chrono::minutes(1)));
    EXPECT_EQ(errors, std::vector<std::string>());
  }
  std::vector<std::string> inbox(TestFrontEnd& front_end, const RegId& registration) {
    std::vector<std::string> bodies;
    ReadRequest read{.feed = inbox_feed(registration), .after = 0, .entries_max = 1000};
    for (;;) {
      const auto page = ask<FeedPage>(front_end, &Service::read_feed, read);
      EXPECT_TRUE(page.ok());
      if (!page.ok() || page->entries.empty()) return bodies;
      for (const EntryPtr& entry : page->entries) bodies.push_back(entry->body);
      read.after = page->entries.back()->number;
    }
  }

  MiddleConfig config = [] {
    MiddleConfig with;
    with.sends_per_second = 1'000'000;
    return with;
  }();
  test::ManualClock clock;
  test::ManualExecutor executor{clock};
  Metrics metrics;
  Environment environment{executor, clock, system_random(), null_log(), metrics};
  std::shared_ptr<storage::MemoryStorage> storage =
      storage::make_memory_storage({.format = kStorageFormat,
                                    .partitions = kPartitions,
                                    .home_hash_version = 1,
                                    .incarnation = Incarnation("i1")});
  const std::shared_ptr<storage::InMemoryMembers> members =
      std::make_shared<storage::InMemoryMembers>();
  test::PipeNetwork network{environment};
  std::map<std::string, TestNode> nodes;
  std::vector<std::unique_ptr<TestFrontEnd>> front_ends;
  App app;
  std::size_t open_sends = 0;
  std::vector<std::string> errors;
  int lives = 0;
};

}  // namespace longwire::middle::cluster
