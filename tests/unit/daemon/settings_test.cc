#include "daemon/serve/settings.h"

#include <gtest/gtest.h>

#include "tests/unit/daemon/temporary_directory.h"

namespace longwire::daemon {
namespace {

TEST(Settings, come_from_the_data_directory_s_file_where_none_is_named) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  ASSERT_TRUE(write_file(paths.configuration(), "[log]\nlevel = \"warn\"\n", 0644).ok());
  const auto settings = load_settings({}, paths);
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ((*settings)->log.level, "warn");
}

TEST(Settings, are_the_defaults_where_there_is_no_file) {
  TemporaryDirectory temporary;
  const auto settings = load_settings({}, DataPaths(temporary.path()));
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ((*settings)->log.level, "info");
}

TEST(Settings, named_file_that_is_not_there_is_an_error) {
  TemporaryDirectory temporary;
  const auto settings = load_settings({.file = "/no/such.toml"}, DataPaths(temporary.path()));
  EXPECT_FALSE(settings.ok());
}

TEST(Settings, directory_in_place_of_the_file_is_an_error_of_start_and_reload) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  std::filesystem::create_directory(paths.configuration());
  EXPECT_FALSE(load_settings({}, paths).ok());
  Settings settings;
  const auto reloaded = reload_settings(settings, {}, paths);
  ASSERT_FALSE(reloaded.ok());
  EXPECT_NE(reloaded.error().message.find("is a directory"), std::string::npos);
}

TEST(Settings, assignment_wins_over_the_file) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  ASSERT_TRUE(write_file(paths.configuration(), "[threads]\nxmpp = 3\n", 0644).ok());
  const auto settings = load_settings({.assignments = {"threads.xmpp=5"}}, paths);
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ((*settings)->threads.xmpp, 5);
}

TEST(Settings, keys_that_do_not_go_together_are_refused_with_both_names) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  const auto expect_refused = [&](const std::string& assignment, const std::string& other) {
    const auto settings = load_settings({.assignments = {assignment}}, paths);
    ASSERT_FALSE(settings.ok()) << assignment;
    const std::string key = assignment.substr(0, assignment.find('='));
    EXPECT_NE(settings.error().message.find(key), std::string::npos);
    EXPECT_NE(settings.error().message.find(other), std::string::npos);
  };
  expect_refused("xmpp.ping_after=16m", "xmpp.idle_timeout");
  expect_refused("xmpp.idle_timeout=14m", "xmpp.ping_after");
  expect_refused("message.time_to_live_max=1d", "message.time_to_live_default");
  expect_refused("message.time_to_live_default=15d", "message.time_to_live_max");
  expect_refused("storage.feeds=memory", "storage.directory");
  expect_refused("storage.directory=memory", "storage.feeds");
}

TEST(Settings, workers_are_for_a_process_with_xmpp) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  const auto load = [&](std::vector<std::string> roles) {
    roles.push_back("xmpp.workers=2");
    return load_settings({.assignments = std::move(roles)}, paths);
  };
  EXPECT_TRUE(load({"tier.roles=xmpp", "tier.middle=127.0.0.1:1"}).ok());
  EXPECT_TRUE(load({"tier.roles=xmpp,http", "tier.middle=127.0.0.1:1"}).ok());
  EXPECT_FALSE(load({"tier.roles=http", "tier.middle=127.0.0.1:1"}).ok());
  EXPECT_TRUE(load({}).ok());
}

TEST(Settings, a_middle_tier_may_be_at_a_socket_of_this_machine) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  const auto load = [&](const std::string& middle) {
    return load_settings({.assignments = {"tier.roles=xmpp", "tier.middle=" + middle}}, paths);
  };
  EXPECT_TRUE(load("unix:/run/longwire.sock").ok());
  EXPECT_FALSE(load("unix:longwire.sock").ok());
  EXPECT_FALSE(load("unix:/" + std::string(107, 'a')).ok());
}

TEST(Settings, reload_takes_what_can_change_and_names_the_rest) {
  TemporaryDirectory temporary;
  const DataPaths paths(temporary.path());
  const auto settings = load_settings({}, paths);
  ASSERT_TRUE(settings.ok());
  const char changed[] = "[log]\nlevel = \"debug\"\n[threads]\nxmpp = 7\n";
  ASSERT_TRUE(write_file(paths.configuration(), changed, 0644).ok());
  const auto need_restart = reload_settings(**settings, {}, paths);
  ASSERT_TRUE(need_restart.ok());
  EXPECT_EQ((*settings)->log.level, "debug");
  EXPECT_EQ(*need_restart, std::vector<std::string>{"threads.xmpp"});
}

}  // namespace
}  // namespace longwire::daemon
