// Bounds, order, schema and bytes of the MySQL directory.

#include <atomic>

#include "storage/mysql/schema.h"
#include "tests/contract/mysql_fixture.h"

namespace longwire::test {
namespace {

using std::chrono::milliseconds;
using storage::mysql::check_schema;
using storage::mysql::prepare_schema;
using storage::mysql::SchemaState;

class MySqlQueue : public MySqlFixture {
 protected:
  // A directory whose writing connection waits for `holder_`.
  void open_and_hold() {
    open();
    ASSERT_EQ(add(5).value(), 5u);
    holder_ = std::make_unique<Holder>(hold_counter());
    held_up_ = start_add(1);
    wait_for_lock_waits(1);
  }

  std::unique_ptr<Holder> holder_;
  std::future<Total> held_up_;
};

TEST_F(MySqlQueue, Full_refuses_at_once_and_says_when_to_come_again) {
  options_.writes_queued_max = 1;
  open_and_hold();
  auto queued = start_add(1);
  const auto refused = add(1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().retry_after, options_.retry_after);
  holder_.reset();
  EXPECT_EQ(held_up_.get().value(), 6u);
  EXPECT_EQ(queued.get().value(), 7u);
}

TEST_F(MySqlQueue, Keeps_nobody_longer_than_wait_max) {
  options_.wait_max = milliseconds(50);
  open_and_hold();
  EXPECT_EQ(add(1).error().code, ErrorCode::kUnavailable);
  holder_.reset();
  EXPECT_EQ(held_up_.get().value(), 6u);
  EXPECT_EQ(stored_total(), 6u);
}

TEST_F(MySqlQueue, Of_reads_is_bounded_too) {
  options_.reads_queued_max = 0;
  open();
  EXPECT_EQ(apps().error().code, ErrorCode::kUnavailable);
}

TEST_F(MySqlQueue, Writes_of_one_key_are_done_in_the_order_of_the_calls) {
  options_.write_connections = 4;
  open();
  std::vector<std::future<Status>> answers;
  for (middle::Position position = 1; position <= 50; ++position) {
    answers.push_back(start_apply(position, {"r" + std::to_string(position)}));
  }
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(database_.ask("SELECT COUNT(*) FROM topic_carriers"), std::vector<std::string>{"50"});
}

TEST_F(MySqlQueue, Is_answered_when_the_directory_ends) {
  options_.wait_max = std::chrono::hours(1);  // is not waited for
  open();
  std::vector<std::future<Total>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(start_add(1));
  directory_.reset();
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(stored_total(), 20u);
}

// A write that waits for a row's lock holds up its own key, and those that share its connection.
class MySqlSideBySide : public MySqlFixture {
 protected:
  MySqlSideBySide() {
    options_.write_connections = 4;
    options_.wait_max = std::chrono::hours(1);
    options_.attempts_max = 1;
    open();
  }
  // Of the writes of other keys some are answered while the first one waits for `holder`.
  template <typename T, typename Call>
  void expect_others_to_be_answered(const std::string& holder_sql, Call call) {
    ASSERT_TRUE(start_on<T>("alice", call).get().ok());
    auto holder = std::make_unique<Holder>(hold(holder_sql));
    auto held_up = start_on<T>("alice", call);
    wait_for_lock_waits(1);
    std::atomic<int> answered = 0;
    std::atomic<int> left = kOthers;
    for (int i = 0; i < kOthers; ++i) {
      call("other" + std::to_string(i), Callback<T>([&](Result<T>) {
             ++answered;
             answered.notify_all();
             if (--left == 0) left.notify_all();
           }));
    }
    answered.wait(0);
    EXPECT_NE(held_up.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    holder.reset();
    for (int now = left; now != 0; now = left) left.wait(now);
  }

 private:
  static constexpr int kOthers = 20;

  template <typename T, typename Call>
  std::future<Result<T>> start_on(const std::string& key, Call call) {
    return start<T>([&](auto done) { call(key, std::move(done)); });
  }
};

TEST_F(MySqlSideBySide, Are_apps) {
  expect_others_to_be_answered<void>("SELECT * FROM apps FOR UPDATE",
                                     [&](const std::string& key, Callback<void> done) {
                                       middle::App app;
                                       app.id = middle::AppId(key);
                                       directory_->put_app(app, std::move(done));
                                     });
}

TEST_F(MySqlSideBySide, Are_users) {
  expect_others_to_be_answered<bool>("SELECT * FROM users FOR UPDATE",
                                     [&](const std::string& key, Callback<bool> done) {
                                       middle::User user;
                                       user.account = middle::XmppAccount(key);
                                       directory_->create_user(user, std::move(done));
                                     });
}

TEST_F(MySqlSideBySide, Are_rosters) {
  using Version = std::optional<std::uint64_t>;
  expect_others_to_be_answered<Version>("SELECT * FROM roster FOR UPDATE",
                                        [&](const std::string& key, Callback<Version> done) {
                                          middle::RosterItem item;
                                          item.owner = middle::XmppAccount(key);
                                          item.contact = "bob@example.org";
                                          directory_->put_roster_item(item, std::move(done));
                                        });
}

class MySqlSchema : public MySqlFixture {
 protected:
  SchemaState check() { return check_schema(options_).value(); }
  SchemaState prepare() { return prepare_schema(options_).value(); }
};

TEST_F(MySqlSchema, Says_what_it_will_do_and_does_it_once) {
  EXPECT_EQ(check().version, 0u);
  ASSERT_EQ(check().steps.size(), check().version_here);
  EXPECT_NE(check().steps[0].find("apps, users, rosters"), std::string::npos);
  EXPECT_EQ(prepare().steps.size(), check().version_here);
  EXPECT_EQ(check().version, check().version_here);
  EXPECT_TRUE(check().steps.empty());
  EXPECT_TRUE(prepare().steps.empty());
}

TEST_F(MySqlSchema, Newer_than_known_is_refused_and_left_alone) {
  open();
  database_.execute("INSERT INTO schema_versions (version, what) VALUES (99, 'of tomorrow')");
  database_.execute("DROP TABLE counters");
  EXPECT_EQ(check_schema(options_).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(prepare_schema(options_).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(try_open().error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(database_.ask("SHOW TABLES LIKE 'counters'").empty());
}

TEST_F(MySqlSchema, Step_that_was_cut_short_is_done_again_and_keeps_what_is_there) {
  open();
  ASSERT_TRUE(apply(1, {"r"}).ok());
  database_.execute("DELETE FROM schema_versions");
  database_.execute("DROP TABLE counters");
  open();
  EXPECT_EQ(add(1).value(), 1u);
  EXPECT_EQ(database_.ask("SELECT registration FROM topic_carriers"),
            std::vector<std::string>{"r"});
}

TEST_F(MySqlSchema, Many_that_make_it_at_once_make_it_once) {
  std::vector<std::future<std::size_t>> made;
  for (int i = 0; i < 6; ++i) {
    made.push_back(std::async(std::launch::async, [&] {
      const storage::mysql::ThreadUse use;
      return prepare().steps.size();
    }));
  }
  std::size_t steps = 0;
  for (auto& each : made) steps += each.get();
  EXPECT_EQ(steps, check().version_here);
}

TEST_F(MySqlSchema, Made_before_and_gone_is_lost_not_new) {
  options_.create = false;
  const auto lost = try_open();
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(lost.error().message.find("restore from a backup"), std::string::npos);
  EXPECT_EQ(check().version, 0u);
  prepare();
  EXPECT_TRUE(try_open().ok());
}

TEST_F(MySqlSchema, Tables_are_utf8mb4_with_a_binary_collation) {
  prepare();
  EXPECT_EQ(database_.ask("SELECT DISTINCT table_collation FROM information_schema.tables"
                          " WHERE table_schema = DATABASE()"),
            std::vector<std::string>{"utf8mb4_bin"});
}

TEST_F(MySqlSchema, Rows_of_writers_long_gone_are_removed) {
  prepare();
  database_.execute("INSERT INTO writers VALUES ('old', 1, '2020-01-01'), ('new', 1, NOW())");
  open();
  EXPECT_EQ(database_.ask("SELECT writer FROM writers"), std::vector<std::string>{"new"});
}

TEST_F(MySqlSchema, Sessions_do_not_depend_on_the_servers_settings) {
  options_.lock_timeout = std::chrono::milliseconds(6001);
  options_.read_timeout = std::chrono::seconds(9);
  auto connection =
      storage::mysql::Connection::open(options_, storage::mysql::Connection::Mode::kWrites);
  ASSERT_TRUE(connection.ok());
  auto query =
      (*connection)
          ->query(
              "SELECT CONCAT_WS(' ', @@tx_isolation, @@autocommit, @@innodb_lock_wait_timeout,"
              " @@idle_transaction_timeout, @@character_set_client, @@collation_connection, "
              "@@sql_mode)");
  ASSERT_TRUE(query.next());
  EXPECT_EQ(query.bytes(0),
            "READ-COMMITTED OFF 7 10 utf8mb4 utf8mb4_bin STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION");
}

class MySqlBytes : public MySqlFixture {
 protected:
  MySqlBytes() { open(); }

  Result<bool> create(const std::string& account) {
    middle::User user;
    user.account = middle::XmppAccount(account);
    return start<bool>([&](auto done) { directory_->create_user(user, std::move(done)); }).get();
  }
  Result<std::optional<std::uint64_t>> put(const middle::RosterItem& item) {
    return start<std::optional<std::uint64_t>>(
               [&](auto done) { directory_->put_roster_item(item, std::move(done)); })
        .get();
  }
  middle::RosterItem get(const middle::RosterItem& item) {
    return start<std::optional<middle::RosterItem>>([&](auto done) {
             directory_->get_roster_item(item.owner, item.contact, std::move(done));
           })
        .get()
        .value()
        .value();
  }
};

TEST_F(MySqlBytes, Accounts_that_a_collation_would_take_for_one_are_several) {
  const std::string sharp = std::string("stra\xc3\x9f") + "e";
  for (const char* name : {sharp.c_str(), "strasse", "STRASSE", "strasse ", "\xc3\xa9", "e\xcc\x81",
                           "e", "", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x81", "\xff"}) {
    EXPECT_TRUE(create(name).value()) << name;
    EXPECT_FALSE(create(name).value()) << name;
  }
}

TEST_F(MySqlBytes, All_bytes_and_long_ones_come_back) {
  middle::RosterItem item;
  item.owner = middle::XmppAccount("\xf0\x9f\x98\x80");
  for (int byte = 0; byte < 256; ++byte) item.contact.push_back(static_cast<char>(byte));
  item.name = item.contact;
  item.groups = {item.contact, ""};
  item.pending_stanza = std::string(600 * 1024, '\xfe') + item.contact;
  ASSERT_TRUE(put(item).value().has_value());
  const middle::RosterItem found = get(item);
  EXPECT_EQ(found.owner, item.owner);
  EXPECT_EQ(found.contact, item.contact);
  EXPECT_EQ(found.name, item.name);
  EXPECT_EQ(found.groups, item.groups);
  EXPECT_TRUE(found.pending_stanza == item.pending_stanza);
}

TEST_F(MySqlBytes, Too_long_is_the_callers_and_is_not_cut_off) {
  EXPECT_EQ(create(std::string(1024, 'a')).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(database_.ask("SELECT account FROM users").empty());
  EXPECT_TRUE(create(std::string(1023, 'a')).value());
}

TEST_F(MySqlBytes, Batch_of_many_rows_keeps_the_last_change_of_each) {
  std::vector<middle::TopicChange> changes;
  for (int i = 0; i < 2468; ++i) {
    middle::TopicChange change;
    change.app = middle::AppId("app");
    change.tag = middle::Tag("tag");
    change.registration = middle::RegId("r" + std::to_string(i % 1234));
    change.since = static_cast<middle::FeedNumber>(i < 1234 ? 1 : 2);
    change.carried = i < 1234 || i % 1234 >= 1000;
    changes.push_back(std::move(change));
  }
  ASSERT_TRUE(start<void>([&](auto done) {
                directory_->apply_topic_changes(7, 1, std::move(changes), std::move(done));
              })
                  .get()
                  .ok());
  EXPECT_EQ(database_.ask("SELECT COUNT(*) FROM topic_carriers WHERE since_number = 2"),
            std::vector<std::string>{"234"});
  EXPECT_EQ(database_.ask("SELECT COUNT(*) FROM topic_carriers"), std::vector<std::string>{"234"});
}

}  // namespace
}  // namespace longwire::test
