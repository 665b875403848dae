// Apps, devices, sessions, registrations, names; users, stanzas and archives.

#include <algorithm>

#include "tests/unit/middle/middle_world.h"

namespace longwire::middle {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class RegistryRules : public MiddleWorld {};

TEST_F(RegistryRules, An_app_is_found_by_its_secret_also_after_a_restart) {
  app();
  restart();
  auto found = ask<App>(&Service::find_app_by_secret, secret);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->id, app().id);
  EXPECT_FALSE(ask<App>(&Service::find_app_by_secret, secret + "x").ok());
}

TEST_F(RegistryRules, A_rotated_secret_stays_valid_for_the_stated_time) {
  app();
  const std::chrono::milliseconds keep = minutes(5);
  auto fresh = ask<std::string>(&Service::rotate_secret, app().id, keep);
  ASSERT_TRUE(fresh.ok());
  EXPECT_TRUE(ask<App>(&Service::find_app_by_secret, secret).ok());
  pass(minutes(6));
  EXPECT_FALSE(ask<App>(&Service::find_app_by_secret, secret).ok());
  EXPECT_TRUE(ask<App>(&Service::find_app_by_secret, *fresh).ok());
}

TEST_F(RegistryRules, A_device_has_credentials_and_no_password_is_kept) {
  TestDevice device = new_device();
  auto keys = ask<Credentials>(&Service::credentials, device.account());
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->sha1.stored_key.size(), 20u);
  EXPECT_EQ(keys->sha256.stored_key.size(), 32u);
}

TEST_F(RegistryRules, Ids_name_their_partition) {
  TestDevice device = new_device();
  EXPECT_EQ(home_of(device.id), home_of(device.registration));
  EXPECT_EQ(home_of(device.id), home_of(inbox_feed(device.registration)));
  EXPECT_EQ(home_of(device.id), home_of(device.account()));
}

TEST_F(RegistryRules, A_new_session_closes_the_older_with_conflict) {
  TestDevice device = new_device();
  const SessionNumber first = device.session;
  login(device, "again");
  EXPECT_GT(device.session, first);
  ASSERT_EQ(front_end.closed.size(), 1u);
  EXPECT_EQ(front_end.closed[0].why, ErrorCode::kAlreadyExists);
  EXPECT_EQ(front_end.closed[0].below, device.session);
}

TEST_F(RegistryRules, Acknowledgements_of_a_lower_session_are_ignored) {
  TestDevice device = new_device();
  const TestDevice old = device;
  login(device);
  ASSERT_TRUE(send_to(device, "a").ok());
  ASSERT_TRUE(acknowledge(old, inbox_feed(device.registration), 1).ok());
  EXPECT_EQ(inbox_cursor(device), 0u);
}

TEST_F(RegistryRules, Closing_a_session_stores_its_last_moves) {
  TestDevice device = new_device();
  ASSERT_TRUE(send_to(device, "a").ok());
  const OpenSessionRequest session{device.account(), "phone", NodeId("node-1")};
  std::vector<CursorMove> moves{
      {device.account(), device.session, device.registration, inbox_feed(device.registration), 1}};
  ASSERT_TRUE(ask<void>(&Service::close_session, session, device.session, moves).ok());
  EXPECT_EQ(inbox_cursor(device), 1u);
  EXPECT_FALSE(ask<DeviceStatus>(&Service::show_device, device.id)->online);
}

TEST_F(RegistryRules, Registering_again_answers_with_the_same_registration) {
  TestDevice device = new_device();
  EXPECT_EQ(registered(device).registration.id, device.registration);
}

TEST_F(RegistryRules, A_registration_does_not_get_broadcasts_of_before) {
  ASSERT_TRUE(send(request(TargetKind::kAll, {}, "old")).ok());
  TestDevice device = new_device();
  EXPECT_EQ(view(device).registration.app_since, 2u);
}

TEST_F(RegistryRules, The_last_to_set_an_alias_wins_and_the_other_is_told) {
  TestDevice first = new_device();
  TestDevice second = new_device();
  ASSERT_TRUE(set_alias(first, "ann").ok());
  ASSERT_TRUE(set_alias(second, "ann").ok());
  ASSERT_TRUE(send_to_alias("ann", "hi").ok());
  pass(seconds(1));
  EXPECT_EQ(inbox_text(second), "1:hi");
  EXPECT_TRUE(view(first).registration.aliases.empty());
  const FeedPage told = inbox(first);
  ASSERT_EQ(told.entries.size(), 1u);
  EXPECT_EQ(told.entries[0]->kind, EntryKind::kControl);
}

TEST_F(RegistryRules, The_oldest_of_too_many_aliases_is_dropped) {
  TestDevice device = new_device();
  for (int i = 0; i <= 15; ++i) ASSERT_TRUE(set_alias(device, "a" + std::to_string(i)).ok());
  pass(seconds(1));
  const auto aliases = view(device).registration.aliases;
  EXPECT_EQ(aliases.size(), 15u);
  EXPECT_EQ(aliases.front(), Alias("a1"));
  EXPECT_FALSE(send_to_alias("a0", "x").ok());
}

TEST_F(RegistryRules, A_repeated_alias_answers_without_a_commit) {
  TestDevice device = new_device();
  ASSERT_TRUE(set_alias(device, "ann").ok());
  pass(seconds(1));
  const auto before = store.commits;
  ASSERT_TRUE(set_alias(device, "ann").ok());
  EXPECT_EQ(store.commits, before);
}

TEST_F(RegistryRules, An_alias_that_was_unset_addresses_nobody) {
  TestDevice device = new_device();
  ASSERT_TRUE(set_alias(device, "ann").ok());
  ASSERT_TRUE(ask<void>(&Service::unset_alias, change(device, "ann")).ok());
  EXPECT_FALSE(send_to_alias("ann", "x").ok());
}

TEST_F(RegistryRules, Another_device_cannot_change_a_registration) {
  TestDevice owner = new_device();
  TestDevice thief = new_device();
  thief.registration = owner.registration;
  EXPECT_FALSE(set_alias(thief, "ann").ok());
  EXPECT_FALSE(subscribe(thief, "news").ok());
  EXPECT_FALSE(ask<void>(&Service::unregister_app, thief.id, owner.registration).ok());
}

TEST_F(RegistryRules, Unregistering_frees_names_and_refuses_sends) {
  TestDevice device = new_device();
  ASSERT_TRUE(set_alias(device, "ann").ok());
  ASSERT_TRUE(ask<void>(&Service::unregister_app, device.id, device.registration).ok());
  pass(seconds(1));
  EXPECT_FALSE(send_to_alias("ann", "x").ok());
  EXPECT_FALSE(send_to(device, "x").ok());
  EXPECT_NE(registered(device).registration.id, device.registration);
}

TEST_F(RegistryRules, A_registration_without_contact_ends) {
  TestDevice device = new_device();
  const OpenSessionRequest session{device.account(), "phone", NodeId("node-1")};
  ASSERT_TRUE(
      ask<void>(&Service::close_session, session, device.session, std::vector<CursorMove>()).ok());
  pass(config.registration_expiry - hours(2));
  pass(minutes(2));
  EXPECT_TRUE(send_to(device, "x").ok());
  pass(hours(24 + 3));
  pass(minutes(2));
  EXPECT_FALSE(send_to(device, "x").ok());
}

// The connection has no orderly end, so nothing says that the device was there but that it was
// looked at meanwhile.
TEST_F(RegistryRules, A_device_that_was_connected_for_long_does_not_end_with_the_server) {
  TestDevice device = new_device();
  for (int days = 0; days < 40; ++days) pass(hours(24));
  EXPECT_EQ(ask<DeviceStatus>(&Service::show_device, device.id)->last_contact, clock.now());
  restart();
  for (int days = 0; days < 29; ++days) pass(hours(24));
  EXPECT_TRUE(send_to(device, "x").ok());
  for (int days = 0; days < 3; ++days) pass(hours(24));
  EXPECT_FALSE(send_to(device, "x").ok());
}

TEST_F(RegistryRules, A_connected_device_does_not_end) {
  TestDevice device = new_device();
  pass(config.registration_expiry + hours(2));
  pass(minutes(2));
  EXPECT_TRUE(send_to(device, "x").ok());
}

TEST_F(RegistryRules, A_device_that_never_logs_in_ends) {
  CreateDeviceRequest request{app().id, app().key};
  const DeviceId id = ask<CreatedDevice>(&Service::create_device, request).value().id;
  EXPECT_TRUE(ask<Credentials>(&Service::credentials, XmppAccount(id.value())).ok());
  pass(config.unused_device_expiry + minutes(1));
  pass(minutes(2));
  EXPECT_FALSE(ask<Credentials>(&Service::credentials, XmppAccount(id.value())).ok());
}

TEST_F(RegistryRules, A_banned_device_is_closed_and_cannot_log_in) {
  TestDevice device = new_device();
  ASSERT_TRUE(ask<void>(&Service::ban_device, device.id, true).ok());
  ASSERT_EQ(front_end.closed.size(), 1u);
  EXPECT_EQ(front_end.closed[0].why, ErrorCode::kPermissionDenied);
  const OpenSessionRequest session{device.account(), "phone", NodeId("node-1")};
  EXPECT_FALSE(ask<OpenedSession>(&Service::open_session, session).ok());
}

TEST_F(RegistryRules, Devices_are_listed_in_order_page_by_page) {
  for (int i = 0; i < 5; ++i) new_device();
  for (const bool cut : {false, true}) {
    if (cut) store.cut_scans();
    std::vector<DeviceId> listed;
    while (true) {
      const DeviceId after = listed.empty() ? DeviceId() : listed.back();
      const auto page = ask<std::vector<DeviceId>>(&Service::list_devices, after, 3).value();
      if (page.empty()) break;
      EXPECT_LE(page.size(), 3u);
      listed.insert(listed.end(), page.begin(), page.end());
    }
    EXPECT_EQ(listed.size(), 5u);
    EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end()));
  }
}

TEST_F(RegistryRules, Show_device_tells_cursors_against_tails) {
  TestDevice device = new_device();
  ASSERT_TRUE(send_to(device, "a").ok());
  const DeviceStatus status = ask<DeviceStatus>(&Service::show_device, device.id).value();
  EXPECT_TRUE(status.online);
  EXPECT_EQ(status.feeds.at(0).tail, 1u);
  EXPECT_EQ(status.feeds.at(0).cursor, 0u);
}

TEST_F(RegistryRules, Topic_changes_reach_the_directory_also_after_a_restart) {
  TestDevice device = new_device();
  ASSERT_TRUE(subscribe(device, "news").ok());
  restart();
  pass(seconds(3));
  std::optional<std::uint64_t> count;
  directory->count_topic_carriers(app().id, Tag("news"), 1,
                                  [&](Result<std::uint64_t> n) { count = n.value(); });
  executor.run_until_idle();
  EXPECT_EQ(count, 1u);
}

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
  void available(const char* resource, SessionNumber session = 0) {
    SessionPresence presence;
    presence.session = session;
    presence.account = XmppAccount("bob");
    presence.resource = resource;
    presence.node = NodeId("node-1");
    presence.available = true;
    EXPECT_TRUE(ask<void>(&Service::set_presence, presence).ok());
  }
};

TEST_F(AccountRules, A_storm_of_new_accounts_is_bounded_and_told_to_come_again) {
  const CreateDeviceRequest request{app().id, app().key};
  int made = 0;
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    service().create_device(request, [&](Result<CreatedDevice> device) {
      if (device.ok()) return void(++made);
      EXPECT_EQ(device.error().code, ErrorCode::kUnavailable);
      EXPECT_GT(device.error().retry_after, minutes(0));
      ++refused;
    });
  }
  executor.run_until_idle();
  EXPECT_EQ(made, 256);
  EXPECT_EQ(refused, 44);
}

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

TEST_F(AccountRules, Chat_whose_first_try_did_not_get_in_is_archived_when_repeated) {
  ASSERT_TRUE(ask<RouteReply>(&Service::route, chat("before")).ok());
  RouteRequest request = chat("hi");
  request.repeated = true;
  auto reply = ask<RouteReply>(&Service::route, request);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->number, 2u);
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
  executor.advance(config.time_to_live_max + config.time_to_live_max / 32);
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
