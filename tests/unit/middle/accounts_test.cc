// Users, their sessions, stanzas and archives.

#include "tests/unit/middle/middle_world.h"
#include "tests/unit/middle/refusing_directory.h"

namespace longwire::middle {
namespace {

using std::chrono::minutes;

class AccountRules : public MiddleWorld {
 public:
  explicit AccountRules(MiddleConfig with = {}) : MiddleWorld(std::move(with)) {
    for (const char* name : {"ann", "bob"})
      EXPECT_TRUE(ask<void>(&Service::add_user, XmppAccount(name), std::string("pw")).ok());
  }
  RouteRequest chat(std::string body) {
    RouteRequest request;
    request.to = XmppAccount("bob");
    request.archive = true;
    request.id = make_message_id(clock.now(), home_of(request.to), random);
    request.stanza = std::move(body);
    return request;
  }
  static SessionPresence presence_at(const char* resource, SessionNumber session = 0) {
    SessionPresence presence;
    presence.session = session;
    presence.account = XmppAccount("bob");
    presence.resource = resource;
    presence.node = NodeId("node-1");
    presence.available = true;
    return presence;
  }
  void available(const char* resource, SessionNumber session = 0) {
    EXPECT_TRUE(ask<void>(&Service::set_presence, presence_at(resource, session)).ok());
  }
  // As a front end does where the account's owner changed, or the link to it was lost.
  void tell_anew(const char* resource) {
    const std::vector<SessionPresence> told{presence_at(resource)};
    EXPECT_TRUE(ask<void>(&Service::keep_sessions, told).ok());
  }
  bool is_left_to_the_feed(const RouteRequest& request) {
    front_end.stanzas.clear();
    EXPECT_TRUE(ask<RouteReply>(&Service::route, request).ok());
    EXPECT_EQ(front_end.stanzas.size(), 1u);
    return front_end.stanzas.size() == 1 && front_end.stanzas[0].by_feed;
  }
};

TEST_F(AccountRules, Chat_is_kept_in_the_archive) {
  auto reply = ask<RouteReply>(&Service::route, chat("hi"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->number, 1u);
  EXPECT_EQ(reply->resources, 0u);
  EXPECT_EQ(text(read(archive_feed(XmppAccount("bob"))).value()), "1:hi");
}

TEST_F(AccountRules, Chat_repeated_with_the_same_id_is_archived_once) {
  RouteRequest request = chat("hi");
  ASSERT_TRUE(ask<RouteReply>(&Service::route, request).ok());
  request.repeated = true;
  auto again = ask<RouteReply>(&Service::route, request);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->number, 1u);
  EXPECT_EQ(text(read(archive_feed(XmppAccount("bob"))).value()), "1:hi");
}

TEST_F(AccountRules, Chat_repeated_is_found_behind_what_came_since) {
  RouteRequest request = chat("hi");
  ASSERT_TRUE(ask<RouteReply>(&Service::route, request).ok());
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(ask<RouteReply>(&Service::route, chat("x")).ok());
  restart();  // nothing is in memory
  request.repeated = true;
  auto again = ask<RouteReply>(&Service::route, request);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->number, 1u);
}

TEST_F(AccountRules, Chat_does_not_overtake_what_is_looked_for_in_the_archive) {
  RouteRequest repeated = chat("1");
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(ask<RouteReply>(&Service::route, chat("x")).ok());
  restart();  // nothing is in memory
  repeated.repeated = true;
  std::vector<FeedNumber> numbers;
  for (const RouteRequest& request : {repeated, chat("2"), chat("3")})
    service().route(request, [&](Result<RouteReply> reply) { numbers.push_back(reply->number); });
  executor.run_until_idle();
  EXPECT_EQ(numbers, (std::vector<FeedNumber>{201, 202, 203}));
  EXPECT_EQ(text(read(archive_feed(XmppAccount("bob")), 200).value()), "201:1 202:2 203:3");
}

TEST_F(AccountRules, Chat_whose_first_try_did_not_get_in_is_archived_when_repeated) {
  ASSERT_TRUE(ask<RouteReply>(&Service::route, chat("before")).ok());
  RouteRequest request = chat("hi");
  request.repeated = true;
  auto reply = ask<RouteReply>(&Service::route, request);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->number, 2u);
}

// Its answer was lost, and the resource has ended since.
TEST_F(AccountRules, Chat_repeated_to_a_resource_that_is_gone_is_found_where_it_is_archived) {
  const OpenSessionRequest session{XmppAccount("bob"), "desk", NodeId("node-1")};
  const auto opened = ask<OpenedSession>(&Service::open_session, session);
  RouteRequest request = chat("hi");
  request.mode = RouteMode::kFullJid;
  request.resource = "desk";
  ASSERT_TRUE(ask<RouteReply>(&Service::route, request).ok());
  const std::vector<CursorMove> none;
  ASSERT_TRUE(ask<void>(&Service::close_session, session, opened->number, none).ok());
  request.repeated = true;
  const auto again = ask<RouteReply>(&Service::route, request);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->number, 1u);
  EXPECT_EQ(again->resources, 0u);
}

TEST_F(AccountRules, Chat_repeated_to_a_resource_that_is_gone_is_refused_where_it_is_not_archived) {
  RouteRequest request = chat("hi");
  request.mode = RouteMode::kFullJid;
  request.resource = "desk";
  request.repeated = true;
  EXPECT_EQ(ask<RouteReply>(&Service::route, request).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(text(read(archive_feed(XmppAccount("bob"))).value()), "");
}

// What came before may have found no session, or was lost with the link.
TEST_F(AccountRules, Chat_after_a_session_was_told_anew_is_left_to_the_feed_for_a_while) {
  ASSERT_TRUE(ask<RouteReply>(&Service::route, chat("1")).ok());
  tell_anew("desk");
  EXPECT_TRUE(is_left_to_the_feed(chat("2")));
  EXPECT_TRUE(is_left_to_the_feed(chat("3")));
  pass(std::chrono::seconds(6));
  EXPECT_FALSE(is_left_to_the_feed(chat("4")));
}

TEST_F(AccountRules, Chat_after_a_login_is_written_at_once_whatever_came_before) {
  ASSERT_TRUE(ask<RouteReply>(&Service::route, chat("1")).ok());
  available("desk");
  RouteRequest request = chat("2");
  request.mode = RouteMode::kFullJid;
  request.resource = "desk";
  EXPECT_FALSE(is_left_to_the_feed(request));
}

TEST_F(AccountRules, Chat_repeated_is_left_to_the_feed) {
  available("desk");
  RouteRequest request = chat("1");
  request.repeated = true;
  ASSERT_TRUE(ask<RouteReply>(&Service::route, request).ok());
  ASSERT_EQ(front_end.stanzas.size(), 1u);
  EXPECT_TRUE(front_end.stanzas[0].by_feed);
}

TEST_F(AccountRules, Chat_to_an_account_not_yet_known_to_exist_keeps_its_order) {
  RefusingDirectory users(*directory, executor);
  crash();
  middle = reach(config, environment, store, users, executor);
  middle->start([](Status) {});
  link = middle->connect(NodeId("node-1"), front_end);
  executor.advance(std::chrono::seconds(1));  // a new owner waits for what front ends tell
  users.hold_users();
  for (const char* body : {"1", "2", "3"}) service().route(chat(body), [](Result<RouteReply>) {});
  executor.run_until_idle();
  users.release_users_backwards();
  service().route(chat("4"), [](Result<RouteReply>) {});
  executor.run_until_idle();
  EXPECT_EQ(text(read(archive_feed(XmppAccount("bob"))).value()), "1:1 2:2 3:3 4:4");
  crash();
}

TEST_F(AccountRules, Chat_goes_to_resources_before_its_entry_is_durable) {
  available("desk");
  store.hold_commits(true);
  const RouteRequest request = chat("hi");
  bool answered = false;
  service().route(request, [&](Result<RouteReply>) { answered = true; });
  executor.run_until_idle();
  ASSERT_EQ(front_end.stanzas.size(), 1u);
  EXPECT_EQ(front_end.stanzas[0].archived, request.id);
  EXPECT_FALSE(answered);
  store.hold_commits(false);
  store.release();
  executor.run_until_idle();
  EXPECT_TRUE(answered);
}

TEST_F(AccountRules, A_full_jid_reaches_a_session_from_its_beginning_to_its_end) {
  const OpenSessionRequest session{XmppAccount("bob"), "desk", NodeId("node-1")};
  const auto opened = ask<OpenedSession>(&Service::open_session, session);
  ASSERT_TRUE(opened.ok());
  RouteRequest request;
  request.to = XmppAccount("bob");
  request.resource = "desk";
  request.mode = RouteMode::kFullJid;
  request.stanza = "<iq/>";
  EXPECT_TRUE(ask<RouteReply>(&Service::route, request).ok());
  ASSERT_EQ(front_end.stanzas.size(), 1u);
  available("desk", opened->number);
  SessionPresence unavailable;
  unavailable.session = opened->number;
  unavailable.account = XmppAccount("bob");
  unavailable.resource = "desk";
  unavailable.node = NodeId("node-1");
  ASSERT_TRUE(ask<void>(&Service::set_presence, unavailable).ok());
  EXPECT_TRUE(ask<RouteReply>(&Service::route, request).ok());
  service().close_session(session, opened->number, {}, [](Status) {});
  executor.run_until_idle();
  EXPECT_EQ(ask<RouteReply>(&Service::route, request).error().code, ErrorCode::kNotFound);
}

// Both were under way at once: the front end closes the older when the newer has come.
TEST_F(AccountRules, Of_two_binds_of_one_resource_the_newer_is_reached) {
  const OpenSessionRequest session{XmppAccount("bob"), "desk", NodeId("node-1")};
  const auto older = ask<OpenedSession>(&Service::open_session, session);
  const auto newer = ask<OpenedSession>(&Service::open_session, session);
  ASSERT_TRUE(newer.ok());
  EXPECT_LT(older->number, newer->number);
  service().close_session(session, older->number, {}, [](Status) {});
  executor.run_until_idle();
  RouteRequest request;
  request.to = XmppAccount("bob");
  request.resource = "desk";
  request.mode = RouteMode::kFullJid;
  EXPECT_TRUE(ask<RouteReply>(&Service::route, request).ok());
}

TEST_F(AccountRules, The_resources_of_a_user_are_limited_over_all_front_ends) {
  const XmppAccount bob("bob");
  const auto open = [&](const char* resource, const char* node) {
    const OpenSessionRequest session{bob, resource, NodeId(node), 2};
    return ask<OpenedSession>(&Service::open_session, session);
  };
  EXPECT_TRUE(open("desk", "node-1").ok());
  EXPECT_TRUE(open("phone", "node-2").ok());
  EXPECT_EQ(open("laptop", "node-1").error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(open("phone", "node-1").ok());
}

TEST_F(AccountRules, A_session_without_presence_gets_no_chat_to_the_account) {
  const OpenSessionRequest session{XmppAccount("bob"), "desk", NodeId("node-1")};
  ASSERT_TRUE(ask<OpenedSession>(&Service::open_session, session).ok());
  auto reply = ask<RouteReply>(&Service::route, chat("hi"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->resources, 0u);
}

TEST_F(AccountRules, An_archive_has_one_delivery_cursor) {
  ASSERT_TRUE(ask<RouteReply>(&Service::route, chat("hi")).ok());
  const XmppAccount bob("bob");
  std::vector<CursorMove> moves{{bob, 0, RegId(), archive_feed(bob), 1}};
  ASSERT_TRUE(ask<void>(&Service::acknowledge, moves).ok());
  EXPECT_EQ(ask<FeedNumber>(&Service::archive_cursor, bob).value(), 1u);
}

// In the same turn, so that nothing overtakes it.
TEST_F(AccountRules, Chat_to_a_resource_that_is_gone_goes_to_the_account_if_asked) {
  available("desk");
  RouteRequest request = chat("hi");
  request.mode = RouteMode::kFullJid;
  request.resource = "gone";
  EXPECT_EQ(ask<RouteReply>(&Service::route, request).error().code, ErrorCode::kNotFound);
  request.else_account = true;
  const auto reply = ask<RouteReply>(&Service::route, request);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->resources, 1u);
  EXPECT_EQ(reply->number, 1u);
  ASSERT_EQ(front_end.stanzas.size(), 1u);
  EXPECT_EQ(front_end.stanzas[0].resource, "desk");
}

TEST_F(AccountRules, The_others_are_told_when_a_session_ends_or_takes_no_chat_any_more) {
  const XmppAccount bob("bob");
  const OpenSessionRequest desk{bob, "desk", NodeId("node-1")};
  const OpenSessionRequest phone{bob, "phone", NodeId("node-1")};
  const auto at_desk = ask<OpenedSession>(&Service::open_session, desk);
  const auto at_phone = ask<OpenedSession>(&Service::open_session, phone);
  available("phone", at_phone->number);
  EXPECT_TRUE(front_end.gone_told.empty());
  SessionPresence negative{bob, "phone", NodeId("node-1"), at_phone->number, true, -1, false, {}};
  ASSERT_TRUE(ask<void>(&Service::set_presence, negative).ok());
  ASSERT_EQ(front_end.gone_told.size(), 1u);
  EXPECT_EQ(front_end.gone_told[0].resource, "desk");
  service().close_session(phone, at_phone->number, {}, [](Status) {});
  executor.run_until_idle();
  ASSERT_EQ(front_end.gone_told.size(), 2u);
  EXPECT_EQ(front_end.gone_told[1].resource, "desk");
}

class FullArchive : public AccountRules {
 public:
  FullArchive() : AccountRules(small()) {}
  static MiddleConfig small() {
    MiddleConfig with;
    with.archive_entries_max = 4;
    with.archive_bytes_max = 100;
    return with;
  }
  // How many more are taken before one is refused.
  int fit(std::size_t size) {
    for (int count = 0; count < 100; ++count) {
      auto reply = ask<RouteReply>(&Service::route, chat(std::string(size, 'x')));
      if (reply.ok()) continue;
      EXPECT_EQ(reply.error().code, ErrorCode::kResourceExhausted);
      return count;
    }
    return 100;
  }
  void acknowledge(FeedNumber number) {
    const XmppAccount bob("bob");
    std::vector<CursorMove> moves{{bob, 0, RegId(), archive_feed(bob), number}};
    ASSERT_TRUE(ask<void>(&Service::acknowledge, moves).ok());
  }
};

TEST_F(FullArchive, Refuses_more_entries_until_some_are_acknowledged) {
  EXPECT_EQ(fit(1), 4);
  acknowledge(3);
  EXPECT_EQ(fit(1), 3);
}

TEST_F(FullArchive, Refuses_more_bytes_until_some_are_acknowledged) {
  EXPECT_EQ(fit(40), 2);
  acknowledge(1);
  EXPECT_EQ(fit(40), 1);
  acknowledge(3);
  EXPECT_EQ(fit(40), 2);
}

TEST_F(FullArchive, Takes_one_of_any_size_where_nothing_waits) { EXPECT_EQ(fit(500), 1); }

TEST_F(FullArchive, Is_full_after_a_restart) {
  EXPECT_EQ(fit(40), 2);
  restart();
  EXPECT_EQ(fit(40), 0);
  acknowledge(1);
  restart();
  EXPECT_EQ(fit(40), 1);
}

TEST_F(FullArchive, Takes_more_when_what_waited_has_expired) {
  EXPECT_EQ(fit(40), 2);
  pass(config.time_to_live_max + config.time_to_live_max / 32);
  EXPECT_EQ(fit(40), 2);
}

TEST_F(FullArchive, Of_a_user_who_acknowledges_is_never_full) {
  for (FeedNumber number = 1; number <= 50; ++number) {
    ASSERT_TRUE(ask<RouteReply>(&Service::route, chat(std::string(60, 'x'))).ok());
    acknowledge(number);
  }
}

TEST_F(AccountRules, Chat_to_nobody_is_not_kept) {
  RouteRequest request = chat("hi");
  request.to = XmppAccount("nobody");
  auto reply = ask<RouteReply>(&Service::route, request);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kNotFound);
}

TEST_F(AccountRules, Who_is_given_a_removed_users_name_inherits_nothing) {
  RosterItem item;
  item.owner = XmppAccount("bob");
  item.contact = "ann@example.org";
  item.subscription = 3;
  ASSERT_TRUE(ask<std::optional<std::uint64_t>>(&Service::put_roster_item, item).ok());
  item.owner = XmppAccount("ann");
  item.contact = "bob@example.org";
  item.name = "Bob";
  ASSERT_TRUE(ask<std::optional<std::uint64_t>>(&Service::put_roster_item, item).ok());
  ASSERT_TRUE(ask<RouteReply>(&Service::route, chat("for the old bob")).ok());
  const XmppAccount bob("bob");
  ASSERT_TRUE(ask<void>(&Service::remove_user, bob).ok());
  const auto left = ask<std::optional<RosterItem>>(&Service::get_roster_item, XmppAccount("ann"),
                                                   std::string("bob@example.org"));
  ASSERT_TRUE(left.ok());
  ASSERT_TRUE(left->has_value());
  EXPECT_EQ((*left)->subscription, 0);
  EXPECT_EQ((*left)->name, "Bob");
  ASSERT_TRUE(ask<void>(&Service::add_user, bob, std::string("secret")).ok());
  EXPECT_EQ(ask<FeedNumber>(&Service::archive_cursor, bob).value(), 1u);
}

TEST_F(AccountRules, Sessions_of_a_removed_user_are_closed) {
  const OpenSessionRequest session{XmppAccount("bob"), "desk", NodeId("node-1")};
  ASSERT_TRUE(ask<OpenedSession>(&Service::open_session, session).ok());
  ASSERT_TRUE(ask<void>(&Service::remove_user, XmppAccount("bob")).ok());
  ASSERT_EQ(front_end.closed.size(), 1u);
  EXPECT_FALSE(ask<Credentials>(&Service::credentials, XmppAccount("bob")).ok());
}

}  // namespace
}  // namespace longwire::middle
