// What comes late, in its shortest form: as the simulation found it.

#include <gtest/gtest.h>

#include "middle/cluster/cluster_peers.h"
#include "middle/core/core.h"
#include "tests/unit/middle_cluster/cluster_world.h"

namespace longwire::middle::cluster {
namespace {

// ---- a takeover whose answer is late -----------------------------------------------------------

TEST_F(ClusterWorld, A_takeover_that_another_followed_before_its_answer_is_given_up) {
  start_all({"b"});
  std::vector<PartitionId> overtaken;
  ClusterPeers peers(environment, {.self = "a",
                                   .dialer = network,
                                   .partitions = kPartitions,
                                   .overtaken = [&](PartitionId id) { overtaken.push_back(id); }});
  peers.set_members({"a", "b"});
  executor.run_until_idle();
  peers.on_owners("b", {.claims = {{.partition = 3, .since = 70, .served = true}}, .members = {}});
  peers.claim({.partition = 3, .since = 69, .served = true});
  executor.run_until_idle();
  EXPECT_EQ(overtaken, std::vector<PartitionId>{3});
}

// ---- a connection whose greeting is late -------------------------------------------------------

class LateGreetingTest : public ClusterWorld {
 protected:
  NodeLink greet(std::uint64_t turn) {
    return nodes["a"].middle->connect_node(executor, NodeId("front"),
                                           {.front_end = front_end,
                                            .streams = [](const StreamMessage&) {},
                                            .owners = [](const OwnerView&) {},
                                            .turn = turn});
  }
  template <typename Link>
  ErrorCode list_apps(const Link& link) {
    ErrorCode code = ErrorCode::kInternal;
    link.service->list_apps([&](const Result<std::vector<App>>& apps) {
      code = apps.ok() ? ErrorCode{} : apps.error().code;
    });
    executor.run_until_idle();
    return code;
  }
  TestFrontEnd front_end;
};

TEST_F(LateGreetingTest, The_later_connection_of_a_node_is_heard_whichever_greets_first) {
  start_all({"a"});
  NodeLink later = greet(2);
  EXPECT_EQ(greet(1).service, nullptr);
  EXPECT_EQ(list_apps(later), ErrorCode{});
}

// As a front end that was killed, whose end was not noticed, and that is back with a slower clock.
TEST_F(LateGreetingTest, A_connection_that_comes_late_is_refused_and_made_anew) {
  start_all({"a"});
  NodeLink later = greet(static_cast<std::uint64_t>(clock.now().ms) + 3'600'000);
  const MiddleLink link = make_cluster_link(environment, {.node = NodeId("front"),
                                                          .seeds = {"a"},
                                                          .dialer = network,
                                                          .front_end = &front_end,
                                                          .partitions = kPartitions});
  executor.advance(std::chrono::seconds(1));
  EXPECT_EQ(list_apps(later), ErrorCode{});
  later = {};
  executor.advance(std::chrono::seconds(3));
  EXPECT_EQ(list_apps(link), ErrorCode{});
}

// ---- a call that waits while its partition goes and comes back ---------------------------------

// Feeds are empty; what else it is asked for waits.
struct SlowPeers final : PeerService {
  void feed_state(FeedId, Callback<FeedState> done) override { done(FeedState{}); }
  void reset_feed(FeedId, FeedNumber, Callback<FeedState>) override {}
  void resolve(ResolveRequest, Callback<Resolved> done) override {
    asked.push_back(std::move(done));
  }
  void holders(NameId, Callback<std::vector<RegId>>) override {}
  void holds(HolderChange, Callback<bool> done) override {
    asked_whether.push_back(std::move(done));
  }
  void set_holder(HolderChange, Callback<void>) override { ++set; }
  void unset_holder(HolderChange, Callback<void>) override {}
  void drop_holder(NameId, RegId, Callback<void>) override {}
  void trace_copies(MessageId, std::vector<RegId>, Callback<std::vector<TraceCopy>>) override {}
  void trace_readers(SharedEntry, std::vector<RegId>, Callback<std::vector<TraceCopy>>) override {}
  void devices(DevicePageRequest, Callback<std::vector<DeviceId>>) override {}
  void give_up(std::vector<PartitionId>, Callback<void>) override {}
  void lane(LaneMessage) override {}
  void lane_taken(LaneConfirm) override {}
  void apps_changed(Callback<void>) override {}
  void feed_began_anew(FeedId) override {}
  std::vector<Callback<Resolved>> asked;
  std::vector<Callback<bool>> asked_whether;
  int set = 0;
};

struct NoListener final : OwnershipListener {
  void on_claim(const PartitionClaim&) override {}
};

class WaitingCallTest : public ClusterWorld {
 protected:
  WaitingCallTest() {
    made.id = AppId("1");
    made.key = AppKey("key");
    made.packages = {PackageName("org.demo")};
    directory->put_app(made, [](const Status&) {});
    core.start([](const Status&) {});
    hold();
  }
  void hold() {
    core.hold(home, [](const Status&) {});
    executor.run_until_idle();
  }
  void lose() {
    core.give_up(home, [](const Status&) {});
    executor.run_until_idle();
  }
  void send_to_two() {
    SendRequest request;
    request.app = made.id;
    request.target = TargetKind::kRegId;
    request.names = {first.value(), "0004AAAAAAAAAAAAAAAAAAAA"};
    request.body = "hello";
    core.send(request, [this](Result<SendReply> reply) { answer.emplace(std::move(reply)); });
    executor.run_until_idle();
  }
  DeviceId new_device() {
    DeviceId id;
    core.create_device({made.id, made.key},
                       [&](Result<CreatedDevice> device) { id = device.value().id; });
    executor.advance(std::chrono::seconds(1));
    return id;
  }
  void resolve_all() {
    for (Callback<Resolved>& done : std::exchange(peers.asked, {}))
      done(Resolved{.recipients = {{first, {}}}, .unknown = {}});
    executor.run_until_idle();
  }

  const RegId first{"0003AAAAAAAAAAAAAAAAAAAA"};
  const PartitionId home = partition_of(home_of(first), kPartitions);
  App made;
  std::unique_ptr<PartitionStore> store = storage::make_memory_store(executor, storage);
  std::unique_ptr<Directory> directory = storage::make_memory_directory(executor, storage);
  LocalFeedLink link{executor, kPartitions};
  SlowPeers peers;
  NoListener listener;
  CoreCluster cluster{peers, listener};
  Core core{config,
            environment,
            {.store = *store,
             .directory = *directory,
             .link = link,
             .keys = executor,
             .carrier = nullptr,
             .cluster = &cluster}};
  std::optional<Result<SendReply>> answer;
};

TEST_F(WaitingCallTest, A_send_to_a_list_is_accepted_once_its_names_are_known) {
  send_to_two();
  resolve_all();
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->ok());
}

TEST_F(WaitingCallTest, A_send_that_waited_while_its_partition_was_elsewhere_is_not_accepted_here) {
  send_to_two();
  lose();
  hold();
  resolve_all();
  ASSERT_TRUE(answer.has_value());
  ASSERT_FALSE(answer->ok());
  EXPECT_EQ(answer->error().code, ErrorCode::kDeposed);
}

// ---- what is asked of sessions before they are told of ------------------------------------------

TEST_F(WaitingCallTest, A_kick_waits_for_what_front_ends_tell_a_new_owner) {
  const DeviceId device = new_device();
  lose();
  hold();
  ErrorCode code = ErrorCode::kInternal;
  core.kick_device(device, [&](const Status& status) {
    code = status.ok() ? ErrorCode{} : status.error().code;
  });
  SessionPresence session;
  session.account = XmppAccount(device.value());
  session.resource = "phone";
  session.session = 1;
  core.keep_sessions({session}, [](const Status&) {});
  executor.advance(std::chrono::seconds(1));
  EXPECT_EQ(code, ErrorCode{});
}

// ---- chat that waits for something -------------------------------------------------------------

class WaitingChatTest : public WaitingCallTest {
 protected:
  WaitingChatTest() {
    core.add_user(bob, "pw", [](const Status&) {});
    executor.run_until_idle();
  }
  XmppAccount account_at_home(std::string name) const {
    while (partition_of(home_of(XmppAccount(name)), kPartitions) != home) name += "b";
    return XmppAccount(name);
  }
  // Until a new owner waits no more for what front ends tell.
  void settle() { executor.advance(std::chrono::seconds(1)); }
  RouteRequest chat() {
    RouteRequest request;
    request.to = bob;
    request.archive = true;
    request.id = make_message_id(clock.now(), home_of(bob), environment.random);
    request.stanza = "hi";
    return request;
  }
  void route(RouteRequest request) {
    core.route(std::move(request), [this](const Result<RouteReply>& reply) {
      if (!reply.ok()) refusals.push_back(reply.error());
      if (reply.ok()) ++accepted;
    });
  }
  // Of the calls of one turn, those above the limit are told to come again; the others are done.
  void expect_limit(std::size_t limit) {
    ASSERT_EQ(refusals.size(), 1u);
    EXPECT_EQ(refusals[0].code, ErrorCode::kUnavailable);
    EXPECT_GT(refusals[0].retry_after, std::chrono::milliseconds(0));
    settle();
    EXPECT_EQ(refusals.size(), 1u);
    EXPECT_EQ(accepted, limit);
    route(chat());
    settle();
    EXPECT_EQ(accepted, limit + 1);
  }
  const XmppAccount bob = account_at_home("b");
  std::vector<Error> refusals;
  std::size_t accepted = 0;
};

TEST_F(WaitingChatTest, Chat_that_waited_while_its_partition_was_elsewhere_is_not_accepted_here) {
  lose();
  hold();
  route(chat());
  lose();
  hold();
  settle();
  EXPECT_EQ(accepted, 0u);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].code, ErrorCode::kDeposed);
}

TEST_F(WaitingChatTest, Only_so_much_waits_for_the_sessions_that_a_new_owner_is_told_of) {
  lose();
  hold();
  for (int i = 0; i <= 5'000; ++i) route(chat());
  expect_limit(5'000);
}

TEST_F(WaitingChatTest, Only_so_much_waits_to_hear_whether_its_account_exists) {
  settle();
  for (int i = 0; i <= 5'000; ++i) route(chat());
  expect_limit(5'000);
}

TEST_F(WaitingChatTest, Only_so_much_waits_behind_one_that_is_looked_for) {
  settle();
  route(chat());  // the account is known from now on
  settle();
  accepted = 0;
  RouteRequest repeated = chat();
  repeated.repeated = true;
  route(repeated);
  for (int i = 0; i <= 5'000; ++i) route(chat());
  expect_limit(5'001);
}

// ---- a change of a name that comes after the next owner's ---------------------------------------

class LateNameTest : public WaitingCallTest {
 protected:
  ErrorCode change(void (PeerService::*call)(HolderChange, Callback<void>), const RegId& holder,
                   Position since) {
    ErrorCode code = ErrorCode::kInternal;
    (core.local_peer().*call)(
        {.name = alias, .holder = holder, .asked_since = since},
        [&](const Status& status) { code = status.ok() ? ErrorCode{} : status.error().code; });
    executor.advance(std::chrono::seconds(1));
    return code;
  }
  RegId registration_of(const DeviceId& device) {
    RegId found;
    core.register_app({device, made.id, made.key, made.packages[0], "1.0"},
                      [&](Result<RegistrationView> view) { found = view.value().registration.id; });
    executor.advance(std::chrono::seconds(1));
    return found;
  }
  std::vector<RegId> holders() {
    std::vector<RegId> found;
    core.local_peer().holders(alias,
                              [&](Result<std::vector<RegId>> list) { found = list.value(); });
    executor.run_until_idle();
    return found;
  }
  // In the partition of its holder, so that no lane is needed.
  NameId alias_at_home() const {
    NameId name{NameKind::kAlias, AppId("1"), "ann"};
    while (partition_of(home_of(name), kPartitions) != home) name.name += "a";
    return name;
  }
  const NameId alias = alias_at_home();
};

TEST_F(LateNameTest, A_change_asked_by_an_owner_that_was_taken_over_from_does_nothing) {
  EXPECT_EQ(change(&PeerService::set_holder, first, 5), ErrorCode{});
  EXPECT_EQ(holders(), std::vector<RegId>{first});
  EXPECT_EQ(change(&PeerService::unset_holder, first, 10), ErrorCode{});
  EXPECT_EQ(change(&PeerService::set_holder, first, 5), ErrorCode::kUnavailable);
  EXPECT_EQ(holders(), std::vector<RegId>());
}

TEST_F(LateNameTest, A_change_that_waited_while_its_partition_was_elsewhere_is_not_asked_for) {
  const DeviceId device = new_device();
  const RegId registration = registration_of(device);
  EXPECT_EQ(change(&PeerService::set_holder, registration, 0), ErrorCode{});
  ErrorCode code{};
  core.set_alias({registration, device, alias.name}, [&](const Status& status) {
    code = status.ok() ? ErrorCode{} : status.error().code;
  });
  executor.run_until_idle();
  ASSERT_EQ(peers.asked_whether.size(), 1u);
  lose();
  hold();
  peers.asked_whether[0](false);
  executor.run_until_idle();
  EXPECT_EQ(code, ErrorCode::kDeposed);
  EXPECT_EQ(peers.set, 0);
}

}  // namespace
}  // namespace longwire::middle::cluster
