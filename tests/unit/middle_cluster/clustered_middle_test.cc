// Nodes that come, go, die and fall asleep, under sends, chats and logins.

#include "middle/cluster/clustered_middle.h"

#include "tests/unit/middle_cluster/cluster_world.h"

namespace longwire::middle::cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Bodies = std::vector<std::string>;

class ClusteredMiddleTest : public ClusterWorld {
 protected:
  void start_three() {
    start_all({"a", "b", "c"});
    front = &new_front_end("a");
    make_app(*front);
    for (int i = 0; i < 12; ++i) devices.push_back(new_device(*front));
  }
  // Sends to every device, one a millisecond, while something goes on.
  void stream(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      const std::string body = std::to_string(sent++);
      for (const Device& device : devices) begin_send(*front, device.registration, body);
      executor.advance(milliseconds(1));
    }
  }
  // Each device has all of them, once and in order.
  void expect_all() {
    finish_sends();
    Bodies all;
    for (int i = 0; i < sent; ++i) all.push_back(std::to_string(i));
    for (const Device& device : devices) {
      Bodies got = inbox(*front, device.registration);
      EXPECT_EQ(got.size(), all.size());
      std::sort(got.begin(), got.end(),
                [](auto& x, auto& y) { return std::stoi(x) < std::stoi(y); });
      EXPECT_EQ(got, all);
    }
  }

  // Of all partitions together: without sends, takeovers alone.
  Position positions() {
    Position all = 0;
    for (PartitionId id = 0; id < kPartitions; ++id) {
      nodes["a"].store->head(id, [&](const Result<Head>& head) { all += head->position; });
    }
    executor.run_until_idle();
    return all;
  }

  TestFrontEnd* front = nullptr;
  std::vector<Device> devices;
  int sent = 0;
};

TEST_F(ClusteredMiddleTest, A_node_that_dies_is_replaced_and_nothing_is_lost_or_doubled) {
  start_three();
  stream(20);
  kill("b");
  stream(20);
  end_lease("b");
  stream(20);
  expect_all();
}

TEST_F(ClusteredMiddleTest, A_node_that_leaves_is_not_missed) {
  start_three();
  stream(10);
  leave("b");
  stream(10);
  expect_all();
}

TEST_F(ClusteredMiddleTest, A_node_that_joins_gets_a_share) {
  start_three();
  start("d");
  stream(50);
  executor.advance(seconds(3));
  stream(10);
  expect_all();
  // All that d has not are d's neighbours' still: without them it serves its share alone.
  EXPECT_TRUE(nodes["d"].started && nodes["d"].started->ok());
}

TEST_F(ClusteredMiddleTest, A_node_that_sleeps_past_its_lease_says_yes_to_nothing) {
  start_three();
  stream(5);
  halt("b");
  stream(20);
  members->expire("b");
  stream(20);
  executor.advance(seconds(5));
  wake("b");
  stream(20);
  executor.advance(seconds(5));
  expect_all();
}

// One of them has an old list: it takes back what the others took, less and less often.
TEST_F(ClusteredMiddleTest, Nodes_that_see_different_members_do_not_fight) {
  start_three();
  members->cut_off("b");
  members->expire("b");
  executor.advance(seconds(10));
  const Position before = positions();
  executor.advance(std::chrono::minutes(2));
  EXPECT_LT(positions() - before, 8 * kPartitions);
  stream(20);
  expect_all();
}

TEST_F(ClusteredMiddleTest, An_app_is_known_everywhere_once_its_maker_is_told) {
  start_three();
  for (int i = 0; i < 6; ++i) {
    const auto made =
        ask<CreatedApp>(*front, &Service::create_app, std::string("app"), PackageName("org.app"));
    ASSERT_TRUE(made.ok());
    for (int node = 0; node < 3; ++node)
      EXPECT_TRUE(ask<App>(*front, &Service::find_app_by_secret, made->secret).ok());
  }
}

TEST_F(ClusteredMiddleTest, A_silent_node_is_hung_up_on) {
  start_three();
  halt("b");
  executor.advance(seconds(20));
  EXPECT_GT(network.hung_up(), 0u);
}

TEST_F(ClusteredMiddleTest, Connections_that_are_cut_are_made_anew) {
  start_three();
  for (int i = 0; i < 5; ++i) {
    stream(5);
    network.cut("a");
    stream(5);
    network.cut("c");
  }
  expect_all();
}

TEST_F(ClusteredMiddleTest, All_nodes_gone_is_an_answer_in_time_and_their_return_another) {
  start_three();
  for (const char* address : {"a", "b", "c"}) kill(address);
  const auto lost = ask<SendReply>(
      *front, &Service::send,
      request(TargetKind::kRegId, devices.front().registration.value(), "nobody there"));
  EXPECT_EQ(lost.error().code, ErrorCode::kUnavailable);
  for (const char* address : {"a", "b", "c"}) end_lease(address);
  start_all({"a", "b", "c"});
  stream(5);
  expect_all();
}

TEST_F(ClusteredMiddleTest, Names_and_topics_go_over_nodes) {
  start_three();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const NameChange alias{devices[i].registration, devices[i].id, "alias" + std::to_string(i)};
    const NameChange topic{devices[i].registration, devices[i].id, "news"};
    ASSERT_TRUE(ask<void>(*front, &Service::set_alias, alias).ok());
    ASSERT_TRUE(ask<RegistrationView>(*front, &Service::subscribe, topic).ok());
    const auto reply =
        ask<SendReply>(*front, &Service::send, request(TargetKind::kAlias, alias.name, "by alias"));
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(inbox(*front, devices[i].registration), Bodies{"by alias"});
  }
}

// ---- sessions ----------------------------------------------------------------------------------

class ClusteredChatTest : public ClusteredMiddleTest {
 protected:
  void add_user(const std::string& name) {
    ASSERT_TRUE(ask<void>(*front, &Service::add_user, XmppAccount(name), std::string("pw")).ok());
  }
  Result<RouteReply> chat(const std::string& to, std::string body) {
    RouteRequest chat;
    chat.to = XmppAccount(to);
    chat.archive = true;
    chat.id = make_message_id(clock.now(), home_of(chat.to), environment.random);
    chat.stanza = std::move(body);
    return ask<RouteReply>(*front, &Service::route, chat);
  }
};

TEST_F(ClusteredChatTest, A_new_owner_knows_the_sessions_there_are) {
  start_three();
  std::vector<std::string> users;
  for (int i = 0; i < 12; ++i) users.push_back("user" + std::to_string(i));
  TestFrontEnd& other = new_front_end("c");
  for (const std::string& user : users) {
    add_user(user);
    login(other, XmppAccount(user));
  }
  kill("b");
  end_lease("b");
  executor.advance(seconds(3));
  for (const std::string& user : users) EXPECT_EQ(chat(user, "hi " + user)->resources, 1u);
  executor.run_until_idle();
  EXPECT_EQ(other.stanzas.size(), users.size());
}

// What was written to the old link is lost, though it counts as reached.
TEST_F(ClusteredChatTest, Chat_over_a_link_that_was_made_anew_is_left_to_the_feed) {
  start_all({"a"});
  front = &new_front_end("a");
  add_user("ann");
  login(*front, XmppAccount("ann"));
  EXPECT_EQ(chat("ann", "1")->resources, 1u);
  network.cut("a");
  executor.advance(seconds(2));
  EXPECT_EQ(chat("ann", "2")->resources, 1u);
  executor.run_until_idle();
  ASSERT_EQ(front->stanzas.size(), 2u);
  EXPECT_FALSE(front->stanzas[0].by_feed);
  EXPECT_TRUE(front->stanzas[1].by_feed);
}

TEST_F(ClusteredChatTest, A_device_that_moved_while_the_owner_changed_has_one_session) {
  start_three();
  TestFrontEnd& other = new_front_end("c");
  for (const Device& device : devices) login(other, device.account());
  executor.run_until_idle();
  EXPECT_EQ(front->closed.size(), devices.size());
  front->closed.clear();
  // The old connection still looks alive to its front end, which tells the new owner of it.
  kill("b");
  end_lease("b");
  executor.advance(seconds(3));
  EXPECT_GT(front->closed.size(), 0u);
  for (const SessionClosed& closed : front->closed)
    EXPECT_EQ(closed.why, ErrorCode::kAlreadyExists);
  EXPECT_EQ(other.closed.size(), 0u);
}

}  // namespace
}  // namespace longwire::middle::cluster
