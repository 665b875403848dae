// The directory's contract: what the move of a storage lists and loads.

#include <gtest/gtest.h>

#include "tests/contract/back_ends.h"

namespace longwire::test {
namespace {

using middle::AppId;
using middle::CounterRow;
using middle::DirectoryRows;
using middle::RegId;
using middle::RosterItem;
using middle::Tag;
using middle::TopicRow;
using middle::XmppAccount;

const Bytes kAnyBytes = std::string("a\0'\"\xff;--", 8);

RosterItem make_item(const std::string& owner, const std::string& contact, std::uint64_t version) {
  RosterItem item;
  item.owner = XmppAccount(owner);
  item.contact = contact;
  item.name = kAnyBytes;
  item.groups = {"friends"};
  item.subscription = 3;
  item.pending_stanza = "<presence/>";
  item.version = version;
  return item;
}

TopicRow make_topic(const std::string& app, const std::string& tag, const std::string& registration,
                    std::optional<middle::FeedNumber> until = std::nullopt) {
  return {AppId(app), Tag(tag), {RegId(registration), 7, until}};
}

std::string text_of(const RosterItem& item) { return item.owner.value() + "/" + item.contact; }
std::string text_of(const TopicRow& row) {
  return row.app.value() + "/" + row.tag.value() + "/" + row.carrier.registration.value();
}
std::string text_of(const CounterRow& row) {
  return row.app.value() + "/" + row.day + "/" + row.name + "=" + std::to_string(row.total);
}

class DirectoryMove : public testing::TestWithParam<BackEndKind> {
 protected:
  using Names = std::vector<std::string>;

  middle::Directory& directory() { return back_end_->directory(); }
  template <typename T, typename Call>
  T ask(Call call) {
    return await<T>(*back_end_, std::move(call)).value();
  }
  void load(const DirectoryRows& rows) {
    ASSERT_TRUE(
        await<void>(*back_end_, [&](auto done) { directory().load(rows, std::move(done)); }).ok());
  }
  std::vector<RosterItem> roster(const RosterItem& after = {}, std::size_t limit = 100) {
    return ask<std::vector<RosterItem>>(
        [&](auto done) { directory().list_roster(after, limit, std::move(done)); });
  }
  std::vector<TopicRow> topics(const TopicRow& after = {}, std::size_t limit = 100) {
    return ask<std::vector<TopicRow>>(
        [&](auto done) { directory().list_topics(after, limit, std::move(done)); });
  }
  std::vector<CounterRow> counters(const CounterRow& after = {}, std::size_t limit = 100) {
    return ask<std::vector<CounterRow>>(
        [&](auto done) { directory().list_counters(after, limit, std::move(done)); });
  }
  std::uint64_t version() {
    return ask<std::uint64_t>([&](auto done) { directory().roster_version(std::move(done)); });
  }
  std::optional<std::uint64_t> put(const RosterItem& item) {
    return ask<std::optional<std::uint64_t>>(
        [&](auto done) { directory().put_roster_item(item, std::move(done)); });
  }

  // What `list` answers in pages of two.
  template <typename Row, typename List>
  Names in_pages(List list) {
    Names names;
    Row after;
    for (int i = 0; i < 10; ++i) {
      const std::vector<Row> page = list(after, std::size_t{2});
      if (page.empty()) break;
      EXPECT_LE(page.size(), 2u);
      for (const Row& row : page) names.push_back(text_of(row));
      after = page.back();
    }
    return names;
  }

  std::unique_ptr<BackEnd> back_end_ = GetParam().make();
};

TEST_P(DirectoryMove, Roster_is_listed_over_all_owners_in_pages) {
  DirectoryRows rows;
  rows.roster = {make_item("b", "a", 4), make_item("a", "z", 3), make_item("a", "b", 2),
                 make_item("b", kAnyBytes, 6), make_item("c", "a", 5)};
  load(rows);
  const Names expected = {"a/b", "a/z", "b/a", "b/" + kAnyBytes, "c/a"};
  EXPECT_EQ(
      in_pages<RosterItem>([this](auto& after, std::size_t limit) { return roster(after, limit); }),
      expected);
}

TEST_P(DirectoryMove, Topics_are_listed_over_all_apps_and_tags_in_pages) {
  DirectoryRows rows;
  rows.topics = {make_topic("2", "a", "r1"), make_topic("1", "b", "r1"),
                 make_topic("1", "a", "r2"), make_topic("1", "a", "r1"),
                 make_topic("1", "a", "r3"), make_topic("2", "b", "r0")};
  load(rows);
  const Names expected = {"1/a/r1", "1/a/r2", "1/a/r3", "1/b/r1", "2/a/r1", "2/b/r0"};
  EXPECT_EQ(
      in_pages<TopicRow>([this](auto& after, std::size_t limit) { return topics(after, limit); }),
      expected);
}

TEST_P(DirectoryMove, Counters_are_listed_over_all_apps_and_days_in_pages) {
  DirectoryRows rows;
  rows.counters = {{AppId("2"), "d1", "sent", 4},
                   {AppId("1"), "d2", "sent", 3},
                   {AppId("1"), "d1", "sent", 2},
                   {AppId("1"), "d1", "read", 1},
                   {AppId("1"), "d3", "sent", 5}};
  load(rows);
  const Names expected = {"1/d1/read=1", "1/d1/sent=2", "1/d2/sent=3", "1/d3/sent=5",
                          "2/d1/sent=4"};
  EXPECT_EQ(in_pages<CounterRow>(
                [this](auto& after, std::size_t limit) { return counters(after, limit); }),
            expected);
}

TEST_P(DirectoryMove, Loaded_roster_item_keeps_its_version_and_later_ones_are_above_the_last) {
  DirectoryRows rows;
  rows.roster = {make_item("a", "b", 17)};
  rows.roster_version = 40;
  load(rows);
  ASSERT_EQ(roster().size(), 1u);
  EXPECT_EQ(roster()[0].version, 17u);
  EXPECT_EQ(roster()[0].name, kAnyBytes);
  EXPECT_EQ(roster()[0].pending_stanza, "<presence/>");
  EXPECT_EQ(version(), 40u);
  back_end_->restart();
  EXPECT_EQ(version(), 40u);
  EXPECT_GT(put(make_item("a", "new", 0)).value(), 40u);
  EXPECT_GT(put(make_item("a", "b", 17)).value(), 41u);
}

TEST_P(DirectoryMove, Roster_version_counts_items_that_are_gone) {
  EXPECT_EQ(version(), 0u);
  const auto given = put(make_item("a", "b", 0));
  ask<bool>(
      [&](auto done) { directory().remove_roster_item(XmppAccount("a"), "b", std::move(done)); });
  const std::uint64_t version_before = version();
  // A server that gives every other number answers with the one before the next.
  EXPECT_GE(version_before, given.value());
  EXPECT_GT(put(make_item("a", "c", 0)).value(), version_before);
}

TEST_P(DirectoryMove, Loaded_rows_are_what_the_directory_answers) {
  DirectoryRows rows;
  middle::App app;
  app.id = AppId("1");
  app.packages = {middle::PackageName("org.example")};
  rows.apps = {app};
  middle::User user;
  user.account = XmppAccount("ann");
  user.credentials.sha1.salt = kAnyBytes;
  rows.users = {user};
  rows.topics = {make_topic("1", "news", "r1", 9)};
  rows.counters = {{AppId("1"), "day", "sent", 5}};
  load(rows);
  rows.users[0].credentials.banned = true;
  rows.topics[0].carrier.since = 8;
  load(rows);  // a repetition changes what differs, and adds nothing up
  const auto apps =
      ask<std::vector<middle::App>>([&](auto done) { directory().list_apps(std::move(done)); });
  EXPECT_EQ(apps.size(), 1u);
  const auto found = ask<std::optional<middle::User>>(
      [&](auto done) { directory().get_user(XmppAccount("ann"), std::move(done)); });
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->credentials.banned);
  EXPECT_EQ(found->credentials.sha1.salt, kAnyBytes);
  const auto carriers = ask<std::vector<middle::TopicCarrier>>([&](auto done) {
    directory().topic_carriers(AppId("1"), Tag("news"), RegId(), 10, std::move(done));
  });
  ASSERT_EQ(carriers.size(), 1u);
  EXPECT_EQ(carriers[0].since, 8u);
  EXPECT_EQ(carriers[0].until, 9u);
  EXPECT_EQ(ask<std::uint64_t>([&](auto done) {
              directory().add_to_counter(AppId("1"), "day", "sent", 2, std::move(done));
            }),
            7u);
}

std::string name_of(const testing::TestParamInfo<BackEndKind>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(BackEnds, DirectoryMove, testing::ValuesIn(directory_back_ends()),
                         name_of);

}  // namespace
}  // namespace longwire::test
