// Apps, devices, sessions, registrations, names.

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

TEST_F(RegistryRules, A_session_that_is_told_of_after_its_devices_ban_or_end_is_closed) {
  for (const bool banned : {true, false}) {
    TestDevice device = new_device();
    SessionPresence session;
    session.account = device.account();
    session.resource = "phone";
    session.node = NodeId("node-1");
    session.session = device.session;
    if (banned)
      ASSERT_TRUE(ask<void>(&Service::ban_device, device.id, true).ok());
    else
      ASSERT_TRUE(ask<void>(&Service::remove_device, device.id).ok());
    front_end.closed.clear();
    ASSERT_TRUE(ask<void>(&Service::keep_sessions, std::vector<SessionPresence>{session}).ok());
    executor.advance(seconds(1));
    ASSERT_EQ(front_end.closed.size(), 1u);
    EXPECT_EQ(front_end.closed[0].why,
              banned ? ErrorCode::kPermissionDenied : ErrorCode::kNotFound);
  }
}

TEST_F(RegistryRules, Devices_are_listed_in_order_page_by_page) {
  for (int i = 0; i < 5; ++i) new_device();
  for (const bool cut : {false, true}) {
    if (cut) store.cut_scans();
    std::vector<DeviceId> listed;
    while (true) {
      const DeviceId after = listed.empty() ? DeviceId() : listed.back();
      const auto page =
          ask<std::vector<DeviceId>>(&Service::list_devices, after, std::size_t{3}).value();
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

class TopicIndexRules : public RegistryRules {
 protected:
  std::optional<std::uint64_t> carriers(const std::string& topic) {
    std::optional<std::uint64_t> count;
    directory->count_topic_carriers(app().id, Tag(topic), 1,
                                    [&](Result<std::uint64_t> n) { count = n.value(); });
    executor.run_until_idle();
    return count;
  }
};

TEST_F(TopicIndexRules, Topic_changes_reach_the_directory_also_after_a_restart) {
  TestDevice device = new_device();
  ASSERT_TRUE(subscribe(device, "news").ok());
  restart();
  pass(seconds(3));
  EXPECT_EQ(carriers("news"), 1u);
}

TEST_F(TopicIndexRules, Topic_change_of_unknown_outcome_reaches_the_directory_once_it_is_in) {
  TestDevice device = new_device();
  store.hold_commits(true);
  const auto answer = subscribe(device, "news");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnknownOutcome);
  store.hold_commits(false);
  store.release();
  pass(seconds(3));
  EXPECT_EQ(carriers("news"), 1u);
}

}  // namespace
}  // namespace longwire::middle
