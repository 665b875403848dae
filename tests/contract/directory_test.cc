// The directory's contract, on every back end.

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "tests/contract/back_ends.h"

namespace longwire::test {
namespace {

using middle::App;
using middle::AppId;
using middle::AppKey;
using middle::PackageName;
using middle::PartitionId;
using middle::Position;
using middle::RegId;
using middle::RosterItem;
using middle::Tag;
using middle::TopicCarrier;
using middle::TopicChange;
using middle::User;
using middle::XmppAccount;

const Bytes kAnyBytes = std::string("a\0'\"\xff;--", 8);

App make_app(const std::string& id) {
  App app;
  app.id = AppId(id);
  app.key = AppKey("key of " + id);
  app.name = kAnyBytes;
  app.packages = {PackageName("org.example." + id), PackageName("org.example.second")};
  app.secrets = {{kAnyBytes, std::nullopt}, {"old", Timestamp{77}}};
  app.created = {123456789};
  return app;
}

User make_user(const std::string& account) {
  User user;
  user.account = XmppAccount(account);
  user.created = {42};
  user.credentials.sha1 = {kAnyBytes, 4096, "stored1", "server1"};
  user.credentials.sha256 = {"salt", 10000, "stored256", kAnyBytes};
  return user;
}

RosterItem make_item(const std::string& owner, const std::string& contact) {
  RosterItem item;
  item.owner = XmppAccount(owner);
  item.contact = contact;
  item.name = "Name";
  item.groups = {"friends", kAnyBytes};
  item.subscription = 3;
  item.ask = true;
  item.pending_in = true;
  item.pending_stanza = "<presence/>";
  return item;
}

class DirectoryContract : public testing::TestWithParam<BackEndKind> {
 protected:
  using Version = std::optional<std::uint64_t>;

  middle::Directory& directory() { return back_end_->directory(); }
  template <typename T, typename Call>
  T ask(Call call) {
    return await<T>(*back_end_, std::move(call)).value();
  }

  void put_app(const App& app) {
    ASSERT_TRUE(await<void>(*back_end_, [&](auto done) {
                  directory().put_app(app, std::move(done));
                }).ok());
  }
  std::vector<App> apps() {
    return ask<std::vector<App>>([&](auto done) { directory().list_apps(std::move(done)); });
  }
  bool create(const User& user) {
    return ask<bool>([&](auto done) { directory().create_user(user, std::move(done)); });
  }
  bool replace(const User& user) {
    return ask<bool>([&](auto done) { directory().replace_user(user, std::move(done)); });
  }
  bool remove(const std::string& account) {
    return ask<bool>(
        [&](auto done) { directory().remove_user(XmppAccount(account), std::move(done)); });
  }
  std::optional<User> user(const std::string& account) {
    return ask<std::optional<User>>(
        [&](auto done) { directory().get_user(XmppAccount(account), std::move(done)); });
  }
  std::vector<std::string> users(const std::string& after, std::size_t limit) {
    std::vector<std::string> names;
    for (const User& each : ask<std::vector<User>>([&](auto done) {
           directory().list_users(XmppAccount(after), limit, std::move(done));
         })) {
      names.push_back(each.account.value());
    }
    return names;
  }
  Version put(const RosterItem& item) {
    return ask<Version>([&](auto done) { directory().put_roster_item(item, std::move(done)); });
  }
  std::vector<RosterItem> roster(const std::string& owner) {
    return ask<std::vector<RosterItem>>(
        [&](auto done) { directory().get_roster(XmppAccount(owner), std::move(done)); });
  }
  std::optional<RosterItem> item(const std::string& owner, const std::string& contact) {
    return ask<std::optional<RosterItem>>([&](auto done) {
      directory().get_roster_item(XmppAccount(owner), contact, std::move(done));
    });
  }
  bool remove_item(const std::string& owner, const std::string& contact) {
    return ask<bool>([&](auto done) {
      directory().remove_roster_item(XmppAccount(owner), contact, std::move(done));
    });
  }
  void apply(PartitionId partition, Position position, std::vector<TopicChange> changes) {
    ASSERT_TRUE(await<void>(*back_end_, [&](auto done) {
                  directory().apply_topic_changes(partition, position, std::move(changes),
                                                  std::move(done));
                }).ok());
  }
  Position applied(PartitionId partition) {
    return ask<Position>(
        [&](auto done) { directory().topics_applied(partition, std::move(done)); });
  }
  std::vector<TopicCarrier> carriers(const std::string& after = "", std::size_t limit = 100) {
    return ask<std::vector<TopicCarrier>>([&](auto done) {
      directory().topic_carriers(AppId("app"), Tag("tag"), RegId(after), limit, std::move(done));
    });
  }
  std::uint64_t count(middle::FeedNumber number = 1) {
    return ask<std::uint64_t>([&](auto done) {
      directory().count_topic_carriers(AppId("app"), Tag("tag"), number, std::move(done));
    });
  }
  std::uint64_t add(const std::string& name, std::uint64_t amount) {
    return ask<std::uint64_t>([&](auto done) {
      directory().add_to_counter(AppId("app"), "2026-11-21", name, amount, std::move(done));
    });
  }
  static TopicChange change(const std::string& registration, bool carried = true,
                            middle::FeedNumber since = 1) {
    return {AppId("app"), Tag("tag"), RegId(registration), carried, since, std::nullopt};
  }

  std::unique_ptr<BackEnd> back_end_ = GetParam().make();
};

TEST_P(DirectoryContract, App_comes_back_as_it_was_put) {
  put_app(make_app("1"));
  const auto all = apps();
  ASSERT_EQ(all.size(), 1u);
  const App expected = make_app("1");
  EXPECT_EQ(all[0].id, expected.id);
  EXPECT_EQ(all[0].key, expected.key);
  EXPECT_EQ(all[0].name, expected.name);
  EXPECT_EQ(all[0].packages, expected.packages);
  EXPECT_EQ(all[0].created, expected.created);
  ASSERT_EQ(all[0].secrets.size(), 2u);
  EXPECT_EQ(all[0].secrets[0].sha256, kAnyBytes);
  EXPECT_EQ(all[0].secrets[0].valid_until, std::nullopt);
  EXPECT_EQ(all[0].secrets[1].valid_until, Timestamp{77});
}

TEST_P(DirectoryContract, App_put_again_is_replaced) {
  put_app(make_app("2"));
  put_app(make_app("1"));
  App changed = make_app("2");
  changed.name = "changed";
  changed.secrets.clear();
  put_app(changed);
  const auto all = apps();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, AppId("1"));
  EXPECT_EQ(all[1].name, "changed");
  EXPECT_TRUE(all[1].secrets.empty());
}

TEST_P(DirectoryContract, User_comes_back_as_it_was_created) {
  ASSERT_TRUE(create(make_user(kAnyBytes)));
  const auto found = user(kAnyBytes);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->account.value(), kAnyBytes);
  EXPECT_EQ(found->created, Timestamp{42});
  EXPECT_EQ(found->credentials.sha1.salt, kAnyBytes);
  EXPECT_EQ(found->credentials.sha1.stored_key, "stored1");
  EXPECT_EQ(found->credentials.sha256.iterations, 10000u);
  EXPECT_EQ(found->credentials.sha256.server_key, kAnyBytes);
  EXPECT_FALSE(found->credentials.banned);
}

TEST_P(DirectoryContract, User_that_exists_is_not_created_again) {
  ASSERT_TRUE(create(make_user("alice")));
  User other = make_user("alice");
  other.created = {99};
  EXPECT_FALSE(create(other));
  EXPECT_EQ(user("alice")->created, Timestamp{42});
}

TEST_P(DirectoryContract, Only_a_user_that_exists_is_replaced) {
  User banned = make_user("alice");
  banned.credentials.banned = true;
  EXPECT_FALSE(replace(banned));
  EXPECT_FALSE(user("alice").has_value());
  ASSERT_TRUE(create(make_user("alice")));
  EXPECT_TRUE(replace(banned));
  EXPECT_TRUE(user("alice")->credentials.banned);
}

TEST_P(DirectoryContract, User_is_removed_with_its_roster_and_nobody_elses) {
  create(make_user("alice"));
  create(make_user("bob"));
  put(make_item("alice", "bob@example.org"));
  put(make_item("bob", "alice@example.org"));
  EXPECT_TRUE(remove("alice"));
  EXPECT_FALSE(remove("alice"));
  EXPECT_FALSE(user("alice").has_value());
  EXPECT_TRUE(roster("alice").empty());
  EXPECT_EQ(roster("bob").size(), 1u);
}

TEST_P(DirectoryContract, Users_are_listed_in_pages) {
  for (const char* name : {"c", "a", "d", "b"}) create(make_user(name));
  EXPECT_EQ(users("", 2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(users("b", 2), (std::vector<std::string>{"c", "d"}));
  EXPECT_TRUE(users("d", 2).empty());
}

TEST_P(DirectoryContract, Roster_item_comes_back_as_it_was_put) {
  const Version version = put(make_item("alice", "bob@example.org"));
  ASSERT_TRUE(version.has_value());
  const auto found = item("alice", "bob@example.org");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->version, *version);
  EXPECT_EQ(found->groups, (std::vector<std::string>{"friends", kAnyBytes}));
  EXPECT_EQ(found->subscription, 3);
  EXPECT_TRUE(found->ask);
  EXPECT_TRUE(found->pending_in);
  EXPECT_EQ(found->pending_stanza, "<presence/>");
  EXPECT_FALSE(item("alice", "nobody@example.org").has_value());
}

TEST_P(DirectoryContract, Roster_item_of_an_old_version_is_not_stored) {
  RosterItem first = make_item("alice", "bob@example.org");
  first.version = *put(first);
  RosterItem slow = first;
  first.name = "quick";
  const Version newer = put(first);
  ASSERT_TRUE(newer.has_value());
  EXPECT_GT(*newer, first.version);
  slow.name = "slow";
  EXPECT_EQ(put(slow), std::nullopt);
  EXPECT_EQ(put(make_item("alice", "bob@example.org")), std::nullopt);
  EXPECT_EQ(item("alice", "bob@example.org")->name, "quick");
}

TEST_P(DirectoryContract, Roster_item_with_a_version_that_was_removed_is_not_stored) {
  RosterItem old = make_item("alice", "bob@example.org");
  old.version = *put(old);
  EXPECT_TRUE(remove_item("alice", "bob@example.org"));
  EXPECT_FALSE(remove_item("alice", "bob@example.org"));
  EXPECT_EQ(put(old), std::nullopt);
  ASSERT_TRUE(put(make_item("alice", "bob@example.org")).has_value());
  EXPECT_EQ(put(old), std::nullopt) << "the old version must not name the new item";
}

TEST_P(DirectoryContract, Roster_holds_its_owners_items_in_order) {
  put(make_item("alice", "c@example.org"));
  put(make_item("alice", "b@example.org"));
  put(make_item("alicf", "x@example.org"));
  const auto items = roster("alice");
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].contact, "b@example.org");
  EXPECT_EQ(items[1].contact, "c@example.org");
}

TEST_P(DirectoryContract, Topic_changes_of_a_position_are_applied_once) {
  EXPECT_EQ(applied(3), 0u);
  apply(3, 5, {change("r1"), change("r2", true, 7)});
  apply(3, 5, {change("r1", false)});
  apply(3, 4, {change("r2", false), change("r3")});
  EXPECT_EQ(applied(3), 5u);
  const auto found = carriers();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].registration, RegId("r2"));
  EXPECT_EQ(found[1].since, 7u);
  EXPECT_EQ(found[1].until, std::nullopt);
}

TEST_P(DirectoryContract, Topic_given_up_is_carried_no_longer) {
  apply(3, 1, {change("r1"), change("r2")});
  apply(3, 2, {change("r1", false), change("never")});
  apply(3, 3, {change("never", false)});
  ASSERT_EQ(carriers().size(), 1u);
  EXPECT_EQ(carriers()[0].registration, RegId("r2"));
  EXPECT_EQ(count(), 1u);
}

TEST_P(DirectoryContract, Topic_change_may_name_the_end) {
  TopicChange ended = change("r1", true, 3);
  ended.until = 9;
  apply(3, 1, {change("r1"), ended});
  ASSERT_EQ(carriers().size(), 1u);
  EXPECT_EQ(carriers()[0].until, 9u);
}

TEST_P(DirectoryContract, Topic_carriers_are_counted_at_a_number) {
  TopicChange ended = change("r1", true, 3);
  ended.until = 9;
  apply(3, 1, {ended, change("r2", true, 5)});
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(3), 1u);
  EXPECT_EQ(count(8), 2u);
  EXPECT_EQ(count(9), 1u);
}

TEST_P(DirectoryContract, Topic_positions_of_partitions_are_apart) {
  apply(3, 10, {change("r1")});
  apply(4, 1, {change("r2")});
  EXPECT_EQ(applied(3), 10u);
  EXPECT_EQ(applied(4), 1u);
  EXPECT_EQ(count(), 2u);
}

TEST_P(DirectoryContract, Topic_position_moves_without_changes) {
  apply(3, 10, {});
  EXPECT_EQ(applied(3), 10u);
}

TEST_P(DirectoryContract, Topic_carriers_are_listed_in_pages) {
  std::vector<TopicChange> changes;
  for (int i = 0; i < 25; ++i) changes.push_back(change("r" + std::to_string(100 + i)));
  TopicChange elsewhere = change("r200");
  elsewhere.tag = Tag("another");
  changes.push_back(elsewhere);
  apply(1, 1, changes);
  std::set<RegId> seen;
  std::string after;
  for (auto page = carriers(after, 10); !page.empty(); page = carriers(after, 10)) {
    for (const auto& carrier : page) EXPECT_TRUE(seen.insert(carrier.registration).second);
    after = page.back().registration.value();
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_EQ(count(), 25u);
}

TEST_P(DirectoryContract, Counter_answers_its_total) {
  EXPECT_EQ(add("sent", 5), 5u);
  EXPECT_EQ(add("sent", 2), 7u);
  EXPECT_EQ(add("delivered", 1), 1u);
  EXPECT_EQ(add("sent", 0), 7u);
}

TEST_P(DirectoryContract, Restart_keeps_everything) {
  put_app(make_app("1"));
  create(make_user("alice"));
  const Version version = put(make_item("alice", "bob@example.org"));
  apply(3, 5, {change("r1")});
  add("sent", 5);
  back_end_->restart();
  EXPECT_EQ(apps().size(), 1u);
  EXPECT_TRUE(user("alice").has_value());
  EXPECT_EQ(item("alice", "bob@example.org")->version, *version);
  EXPECT_EQ(applied(3), 5u);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(add("sent", 0), 5u);
}

TEST_P(DirectoryContract, Race_to_create_a_user_has_one_winner) {
  constexpr int kRacers = 200;
  std::atomic<int> won = 0;
  std::atomic<int> left = kRacers;
  for (int i = 0; i < kRacers; ++i) {
    directory().create_user(make_user("alice"), [&](Result<bool> result) {
      if (result.ok() && *result) ++won;
      if (--left == 0) left.notify_all();
    });
  }
  back_end_->pump();
  for (int now = left; now != 0; now = left) left.wait(now);
  EXPECT_EQ(won, 1);
}

TEST_P(DirectoryContract, Counter_loses_no_addition_of_many_at_once) {
  constexpr int kAdditions = 500;
  std::atomic<int> left = kAdditions;
  for (int i = 0; i < kAdditions; ++i) {
    directory().add_to_counter(AppId("app"), "2026-11-21", "sent", 1, [&](Result<std::uint64_t>) {
      if (--left == 0) left.notify_all();
    });
  }
  back_end_->pump();
  for (int now = left; now != 0; now = left) left.wait(now);
  EXPECT_EQ(add("sent", 0), 500u);
}

std::string name_of(const testing::TestParamInfo<BackEndKind>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(BackEnds, DirectoryContract, testing::ValuesIn(directory_back_ends()),
                         name_of);

}  // namespace
}  // namespace longwire::test
