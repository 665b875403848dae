// Two shards: what lies where, and a configuration that does not fit what is stored. The second is
// a pair.

#include "tests/contract/mysql_calls.h"
#include "tests/contract/mysql_database.h"

namespace longwire::test {
namespace {

using middle::App;
using middle::AppId;
using Texts = std::vector<std::string>;

class MySqlShards : public MySqlCalls {
 protected:
  MySqlShards() { options_.shard_apps = {"there=second"}; }
  ~MySqlShards() override { directory_.reset(); }

  void put_app(const std::string& id) { ASSERT_TRUE(try_put_app(id).ok()); }
  Status try_put_app(const std::string& id) {
    App app;
    app.id = AppId(id);
    return start<void>([&](auto done) { directory_->put_app(app, std::move(done)); }).get();
  }
  Status apply(middle::Position position, const Texts& apps) {
    std::vector<middle::TopicChange> changes;
    for (const auto& app : apps) {
      changes.push_back({AppId(app), middle::Tag("tag"), middle::RegId("r"), true, 1, {}});
    }
    return start<void>([&](auto done) {
             directory_->apply_topic_changes(1, position, std::move(changes), std::move(done));
           })
        .get();
  }
  Total count(const std::string& app) {
    return start<std::uint64_t>([&](auto done) {
             directory_->add_to_counter(AppId(app), "day", "sent", 1, std::move(done));
           })
        .get();
  }
  Error failure_to_open() {
    directory_.reset();
    const auto opened = try_open_with(options_);
    return opened.ok() ? Error{ErrorCode::kInternal, "opened"} : opened.error();
  }

  MySqlDatabase main_{MySqlDatabase::Where::kServer};
  MySqlDatabase second_{MySqlDatabase::Where::kPair, main_.name()};
  storage::mysql::Options options_ = main_.with_shard("second", second_);
};

TEST_F(MySqlShards, Apps_lie_on_main_and_their_topics_and_counters_where_the_table_says) {
  open_with(options_);
  put_app("here");
  put_app("there");
  ASSERT_TRUE(apply(1, {"here", "there"}).ok());
  EXPECT_EQ(count("here").value(), 1u);
  EXPECT_EQ(count("there").value(), 1u);
  EXPECT_EQ(main_.ask("SELECT id FROM apps ORDER BY id"), (Texts{"here", "there"}));
  EXPECT_EQ(main_.ask("SELECT app FROM topic_carriers"), Texts{"here"});
  EXPECT_EQ(main_.ask("SELECT app FROM counters"), Texts{"here"});
  EXPECT_EQ(second_.ask("SELECT app FROM topic_carriers"), Texts{"there"});
  EXPECT_EQ(second_.ask("SELECT app FROM counters"), Texts{"there"});
}

TEST_F(MySqlShards, Changes_count_as_applied_when_every_shard_has_them) {
  open_with(options_);
  ASSERT_TRUE(apply(1, {"here", "there"}).ok());
  second_.execute("ALTER TABLE topic_carriers RENAME TO put_away");
  ASSERT_FALSE(apply(2, {"here", "there"}).ok());
  EXPECT_EQ(main_.ask("SELECT position FROM topics_applied"), Texts{"1"});
  second_.execute("ALTER TABLE put_away RENAME TO topic_carriers");
  ASSERT_TRUE(apply(2, {"here", "there"}).ok());
  EXPECT_EQ(main_.ask("SELECT position FROM topics_applied"), Texts{"2"});
  EXPECT_EQ(second_.ask("SELECT position FROM topics_applied"), Texts{"2"});
}

TEST_F(MySqlShards, App_that_would_be_moved_ends_the_start) {
  open_with(options_);
  put_app("there");
  options_.shard_apps = {};
  const Error error = failure_to_open();
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_NE(error.message.find("the app there lies on the shard second"), std::string::npos)
      << error.message;
  options_.shard_apps = {"there=second", "new=second"};
  open_with(options_);
  put_app("new");
}

TEST_F(MySqlShards, App_of_the_time_before_shards_lies_on_main) {
  storage::mysql::Options alone = main_.options();
  open_with(alone);
  put_app("there");
  EXPECT_EQ(failure_to_open().code, ErrorCode::kInvalidArgument);
}

TEST_F(MySqlShards, App_that_another_process_has_elsewhere_is_refused) {
  open_with(options_);
  main_.execute("INSERT INTO app_shards VALUES ('there', 'main')");
  const Status status = try_put_app("there");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(main_.ask("SELECT id FROM apps").empty());
}

TEST_F(MySqlShards, Shard_that_was_lost_with_its_apps_is_no_new_one) {
  open_with(options_);
  put_app("there");
  directory_.reset();
  for (const char* table : {"schema_versions", "topic_carriers", "counters"}) {
    second_.execute(std::string("DROP TABLE ") + table);
  }
  EXPECT_EQ(failure_to_open().code, ErrorCode::kCorrupt);
}

TEST_F(MySqlShards, Database_of_another_shard_is_refused) {
  open_with(options_);
  options_ = main_.with_shard("third", second_);
  const Error error = failure_to_open();
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_NE(error.message.find("shard second"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace longwire::test
