// What the simulation found (tests/sim), each as the shortest case that shows it.

#include <algorithm>
#include <memory>
#include <optional>

#include "middle/registry/names.h"
#include "middle/registry/registry_rows.h"
#include "tests/unit/middle/middle_world.h"
#include "tests/unit/middle/partition_world.h"

namespace longwire::middle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SimFindings : public MiddleWorld {
 public:
  static PartitionId place(const FeedId& feed) { return partition_of(home_of(feed), 16); }
  // Somebody has the partition; its owner notices with the next commit, and takes it back.
  void depose(PartitionId partition) {
    commit_as_other(partition, {});
    for (int i = 0; i < 200; ++i) {
      const std::string topic = "t" + std::to_string(i);
      if (place(topic_feed(app().id, Tag(topic))) != partition) continue;
      service().send(request(TargetKind::kTopic, {topic}, "x"), [](Result<SendReply>) {});
      executor.run_until_idle();
      return;
    }
    FAIL() << "no topic lives there";
  }
};

// Seed 652: a partition changed hands while the tail of a shared feed was asked for elsewhere; what
// was known of feeds was forgotten, the move was skipped, and the answer was "done".
TEST_F(SimFindings, An_acknowledgement_is_not_lost_when_tails_are_forgotten_meanwhile) {
  TestDevice device = new_device();
  ASSERT_TRUE(subscribe(device, "news").ok());
  const FeedId topic = topic_feed(app().id, Tag("news"));
  const FeedId all = app_feed(app().id);
  ASSERT_TRUE(send_to_topic("news", "a").ok());
  ASSERT_TRUE(send(request(TargetKind::kAll, {}, "b")).ok());
  restart();
  const auto partitions = {place(topic), place(all), partition_of(home_of(device.id), 16)};
  ASSERT_NE(place(topic), place(all));
  PartitionId third = 0;
  while (std::find(partitions.begin(), partitions.end(), third) != partitions.end()) ++third;

  store.hold_heads(place(topic));
  std::optional<Status> acknowledged;
  service().acknowledge({{device.account(), device.session, device.registration, topic, 1},
                         {device.account(), device.session, device.registration, all, 1}},
                        [&](Status status) { acknowledged = std::move(status); });
  executor.run_until_idle();
  EXPECT_FALSE(acknowledged);
  depose(third);
  store.release();
  executor.advance(seconds(1));
  ASSERT_TRUE(acknowledged && acknowledged->ok());
  EXPECT_EQ(cursor(device, topic), 1u);
  EXPECT_EQ(cursor(device, all), 1u);
}

// Seed 3492: two logins of a device waited for the owner of a topic; the one that began last was
// known as the session, and the other, told so before it was one, went on for ever.
class LoginFindings : public SimFindings {
 public:
  void SetUp() override {
    SimFindings::SetUp();
    device_ = new_device();
    ASSERT_TRUE(subscribe(device_, "news").ok());
    ASSERT_TRUE(send_to_topic("news", "a").ok());
    const FeedId topic = topic_feed(app().id, Tag("news"));
    const std::vector<CursorMove> seen = {
        {device_.account(), device_.session, device_.registration, topic, 1}};
    ASSERT_TRUE(ask<void>(&Service::acknowledge, seen).ok());
    restart();
    store.hold_heads(place(topic));
  }
  // Answered once store.release() lets its topic's owner be sure.
  std::shared_ptr<std::optional<Result<OpenedSession>>> begin_login() {
    const auto answer = std::make_shared<std::optional<Result<OpenedSession>>>();
    service().open_session(
        {device_.account(), "phone", link.node},
        [answer](Result<OpenedSession> opened) { answer->emplace(std::move(opened)); });
    executor.run_until_idle();
    EXPECT_FALSE(*answer);
    return answer;
  }
  static ErrorCode refusal(const std::optional<Result<OpenedSession>>& answer) {
    return answer && !answer->ok() ? answer->error().code : ErrorCode::kInternal;
  }

 protected:
  TestDevice device_;
};

TEST_F(LoginFindings, A_session_that_is_replaced_while_it_begins_is_refused) {
  const auto first = begin_login();
  const auto second = begin_login();
  store.release();
  executor.advance(seconds(1));
  EXPECT_EQ(refusal(*first), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(*second && (*second)->ok());
}

TEST_F(LoginFindings, A_device_that_is_banned_while_its_session_begins_is_refused) {
  const auto login = begin_login();
  ASSERT_TRUE(ask<void>(&Service::ban_device, device_.id, true).ok());
  store.release();
  executor.advance(seconds(1));
  EXPECT_EQ(refusal(*login), ErrorCode::kPermissionDenied);
}

// The tag's name had been moved from: its interval began at the tail of a feed without a name.
TEST_F(SimFindings, A_tag_begins_behind_the_tails_of_both_its_feeds) {
  TestDevice device = new_device();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send_to_topic("news", "before").ok());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(send(request(TargetKind::kAll, {}, "before")).ok());
  const RegistrationView carried = subscribe(device, "news").value();
  EXPECT_EQ(carried.registration.tags.at(0).topic_since, 4u);
  EXPECT_EQ(carried.registration.tags.at(0).app_since, 3u);
}

// Seed 435: the other's claim was known to the alias's owner, its notice still on the way; the
// repeat was answered from what is listed, and the alias stayed the other's.
TEST_F(SimFindings, The_last_to_set_an_alias_wins_though_the_notice_is_on_its_way) {
  TestDevice first = new_device();
  TestDevice second = new_device();
  ASSERT_TRUE(set_alias(first, "ann").ok());
  const PartitionId home = partition_of(home_of_alias(app().id, Alias("ann")), 16);
  const PartitionId mine = partition_of(home_of(first.id), 16);
  ASSERT_NE(home, mine);
  // As another's call leaves it before its lane item has come.
  const Bytes row = encode(NameRow{{second.registration}});
  commit_as_other(home, {{name_key(NameKind::kAlias, app().id, "ann"), row, std::nullopt}});
  restart();
  ASSERT_EQ(view(first).registration.aliases.size(), 1u);
  ASSERT_TRUE(set_alias(first, "ann").ok());
  ASSERT_TRUE(send_to_alias("ann", "x").ok());
  pass(seconds(1));
  EXPECT_EQ(inbox_text(first), "1:x");
}

// The same the other way: a claim answered "unknown" is held, but not listed yet.
TEST_F(SimFindings, An_alias_that_is_held_but_not_listed_yet_can_be_unset) {
  TestDevice device = new_device();
  const PartitionId home = partition_of(home_of_alias(app().id, Alias("ann")), 16);
  const Bytes row = encode(NameRow{{device.registration}});
  commit_as_other(home, {{name_key(NameKind::kAlias, app().id, "ann"), row, std::nullopt}});
  restart();
  ASSERT_TRUE(ask<void>(&Service::unset_alias, change(device, "ann")).ok());
  EXPECT_FALSE(send_to_alias("ann", "x").ok());
}

// Trace knew the newest entry of a key only: passed after one, and before another, had hidden it,
// the first was called delivered.
TEST_F(SimFindings, Trace_knows_since_when_an_entry_is_hidden) {
  TestDevice device = new_device();
  const auto send_keyed = [&](const char* body) {
    SendRequest keyed = request(TargetKind::kAll, {}, body);
    keyed.collapse_key = "score";
    return send(std::move(keyed)).value().id;
  };
  const FeedId feed = app_feed(app().id);
  const MessageId read = send_keyed("1");
  pass(seconds(1));
  ASSERT_TRUE(acknowledge(device, feed, 1).ok());
  pass(seconds(1));
  const MessageId hidden = send_keyed("2");
  pass(seconds(1));
  const MessageId between = send_keyed("3");
  pass(seconds(1));
  EXPECT_EQ(text(this->read(feed).value()), "1: 2: 3:3");
  ASSERT_TRUE(acknowledge(device, feed, 3).ok());
  pass(seconds(1));
  const MessageId last = send_keyed("4");
  EXPECT_EQ(states(read), std::vector<std::string>{"delivered"});
  EXPECT_EQ(states(hidden), std::vector<std::string>{"collapsed"});
  EXPECT_EQ(states(between), std::vector<std::string>{"delivered"});
  EXPECT_EQ(states(last), std::vector<std::string>{"waiting"});
  pass(config.time_to_live_default + std::chrono::minutes(1));
  EXPECT_EQ(states(hidden), std::vector<std::string>{"collapsed"});
}

// ---- partitions --------------------------------------------------------------------------------

class EngineFindings : public PartitionWorld {
 public:
  ~EngineFindings() override {
    partition.reset();
    executor.run_until_idle();
  }
  void open() {
    partition = make_partition(0, no_effect);
    opened.reset();
    partition->open([this](Status status) { opened = std::move(status); });
  }
  void put(std::string row, std::optional<std::string> item = std::nullopt) {
    partition->run<void>(
        WorkClass::kControl,
        [row, item](Transaction& t) -> Status {
          t.put(row, "x");
          if (item) t.send(1, *item);
          return {};
        },
        [this](Status status) { answers.push_back(std::move(status)); });
  }

  std::unique_ptr<Partition> partition;
  std::optional<Status> opened;
  std::vector<Status> answers;
};

// Seed 28: a scan that failed after its first page led to another opening, which added the items
// of the first page again; the lane numbered them anew, and the target took an item twice.
TEST_F(EngineFindings, Lane_items_are_loaded_once_where_an_opening_is_repeated) {
  open();
  executor.run_until_idle();
  for (const char* item : {"a", "b"}) put(item, item);
  executor.run_until_idle();
  partition.reset();
  lanes.messages.clear();
  store.fail_scan(1);  // the second page
  open();
  executor.advance(seconds(5));
  ASSERT_TRUE(opened && opened->ok());
  ASSERT_FALSE(lanes.messages.empty());
  EXPECT_EQ(lanes.messages.front().first, 1u);
  EXPECT_EQ(lanes.messages.front().items, (std::vector<Bytes>{"a", "b"}));
}

// Seeds 85 and 97: a read of the head may notice a takeover while a commit is under way; the
// partition forgot that batch, and the commit's answer then worked on nothing.
TEST_F(EngineFindings, A_commit_settled_after_its_owner_stepped_down_is_nobodys) {
  open();
  executor.run_until_idle();
  store.hold_commits(true);
  put("a");
  executor.run_until_idle();
  take_over();
  // A confirmed read notices, and the partition steps down.
  partition->run_confirmed<int>([](Transaction&) -> Result<int> { return 1; }, [](Result<int>) {});
  executor.run_until_idle();
  EXPECT_EQ(events.closed, 1);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].error().code, ErrorCode::kUnknownOutcome);
  store.hold_commits(false);
  store.release();
  executor.advance(seconds(1));
  EXPECT_EQ(answers.size(), 1u);
  put("b");
  executor.run_until_idle();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[1].ok());
}

// Seeds 983, 1101, 1349, 1531: an opening whose answer was given up for lost came late, after
// another owner's, and made the former owner the head's writer again, with all that the other had
// committed in between unknown to it. Its next commit was refused, and then judged as done.
class LateOpening : public EngineFindings {
 public:
  LateOpening() {
    open();
    executor.run_until_idle();
    take_over(WriterId("other"));
    take_over(store.last_writer);
  }
};

TEST_F(LateOpening, Does_not_make_a_refused_commit_done) {
  put("a");
  executor.run_until_idle();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_FALSE(answers[0].ok());
  EXPECT_EQ(events.closed, 1);
  executor.advance(seconds(1));
  put("b");
  executor.run_until_idle();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[1].ok());
}

TEST_F(LateOpening, Does_not_make_a_refused_commit_done_for_the_owner_after_it) {
  store.fail_next(CommitFault::kLostBefore);
  put("a");
  while (store.commits == 0) ASSERT_TRUE(executor.run_one());
  take_over(WriterId("third"));
  executor.advance(milliseconds(100));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_FALSE(answers[0].ok());
}

TEST_F(LateOpening, Does_not_confirm_what_was_read_before) {
  std::optional<Result<int>> confirmed;
  partition->run_confirmed<int>([](Transaction&) -> Result<int> { return 1; },
                                [&](Result<int> answer) { confirmed.emplace(std::move(answer)); });
  executor.run_until_idle();
  ASSERT_TRUE(confirmed);
  EXPECT_FALSE(confirmed->ok());
  EXPECT_EQ(events.closed, 1);
}

}  // namespace
}  // namespace longwire::middle
