#include "base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longwire {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Config : public testing::Test {
 protected:
  Config() {
    schema_.add({.key = "limit.sends",
                 .unit = "1/s",
                 .help = "Sends.",
                 .min = 1,
                 .max = 100,
                 .reloadable = true},
                sends_);
    schema_.add({.key = "limit.idle", .help = "Idle.", .max = 3'600'000}, idle_);
    schema_.add({.key = "log.format", .help = "Lines.", .choices = {"text", "json"}}, format_);
    schema_.add({.key = "log.on", .help = "On."}, on_);
    schema_.add({.key = "log.file", .help = "File.", .check = &check_path}, file_);
    schema_.add({.key = "http.password", .help = "Password."}, password_);
    schema_.add({.key = "http.listen", .help = "Addresses."}, listen_);
  }

  static Status check_path(const std::string& text) {
    if (text.starts_with('/')) return {};
    return Error{ErrorCode::kInvalidArgument, "wants a path such as /var/log/x"};
  }
  std::string problem(std::string_view text) {
    const Status status = schema_.apply_toml(text, "a.toml");
    return status.ok() ? "" : status.error().message;
  }

  std::int64_t sends_ = 10;
  milliseconds idle_{90'000};
  std::string format_ = "text";
  bool on_ = true;
  std::string file_ = "/dev/null";
  Secret password_;
  std::vector<std::string> listen_ = {":80"};
  ConfigSchema schema_;
};

TEST_F(Config, sets_every_kind_of_value) {
  ASSERT_EQ(problem("[limit]\nsends = 20\nidle = '5m'\n[log]\nformat = 'json'\non = false\n"
                    "[http]\npassword = 'p'\nlisten = ['a', 'b']\n"),
            "");
  EXPECT_EQ(sends_, 20);
  EXPECT_EQ(idle_, std::chrono::minutes(5));
  EXPECT_EQ(format_, "json");
  EXPECT_FALSE(on_);
  EXPECT_EQ(password_.reveal(), "p");
  EXPECT_THAT(listen_, ElementsAre("a", "b"));
}

TEST_F(Config, a_value_that_its_key_does_not_take_is_told_with_its_place) {
  EXPECT_EQ(problem("[log]\nfile = 'x'\n"), "a.toml:2: log.file: wants a path such as /var/log/x");
  EXPECT_FALSE(schema_.apply_assignment("log.file=x").ok());
  EXPECT_EQ(problem("[log]\nfile = '/x'\n"), "");
}

TEST_F(Config, names_the_nearest_key_for_an_unknown_one) {
  EXPECT_EQ(problem("[limit]\nsend = 20\n"),
            "a.toml:2: unknown key limit.send; did you mean limit.sends?");
  EXPECT_EQ(problem("[limits]\nsends = 20\n"),
            "a.toml:2: unknown key limits.sends; did you mean limit.sends?");
  EXPECT_EQ(
      problem("\nentirely_different_thing = 1\n"),
      "a.toml:2: unknown key entirely_different_thing; `longwire config print` lists them all");
  EXPECT_THAT(problem("[empty]\n"), HasSubstr("a.toml:1: unknown key empty"));
}

TEST_F(Config, names_line_and_what_is_allowed_for_a_bad_value) {
  EXPECT_EQ(problem("[limit]\n\nsends = 0"),
            "a.toml:3: limit.sends: 0 is out of bounds; allowed: 1 to 100");
  EXPECT_EQ(problem("[limit]\nidle = '2h'"),
            "a.toml:2: limit.idle: 2h is out of bounds; allowed: 0s to 1h");
  EXPECT_EQ(problem("[log]\nformat = 'xml'"),
            "a.toml:2: log.format: \"xml\" is not allowed; allowed: one of text, json");
}

TEST_F(Config, refuses_a_value_of_another_type) {
  EXPECT_EQ(problem("[limit]\nsends = '20'"), "a.toml:2: limit.sends: wants an integer");
  EXPECT_EQ(problem("[log]\non = 1"), "a.toml:2: log.on: wants true or false");
  EXPECT_THAT(problem("[limit]\nidle = 5"), HasSubstr("limit.idle: wants a duration such as"));
  EXPECT_THAT(problem("[limit]\nidle = '5 m'"), HasSubstr("limit.idle: wants a duration such as"));
  EXPECT_THAT(problem("[limit]\nidle = '99999999999999999d'"), HasSubstr("wants a duration"));
  EXPECT_EQ(problem("[http]\nlisten = 'a'"), "a.toml:2: http.listen: wants a list of strings");
  EXPECT_EQ(problem("[http]\nlisten = [1]"), "a.toml:2: http.listen: wants a list of strings");
}

TEST_F(Config, names_file_and_line_of_broken_toml) {
  EXPECT_THAT(problem("[limit]\nsends = \n"), HasSubstr("a.toml:2: "));
}

TEST_F(Config, sets_all_or_nothing_and_tells_everything_wrong) {
  const std::string text = problem("[limit]\nsends = 20\nidle = 1\n[log]\nform = 1\n");
  EXPECT_THAT(text, HasSubstr("a.toml:3: "));
  EXPECT_THAT(text, HasSubstr("a.toml:5: "));
  EXPECT_EQ(sends_, 10);
}

TEST_F(Config, takes_assignments) {
  EXPECT_TRUE(schema_.apply_assignment("limit.sends=30").ok());
  EXPECT_TRUE(schema_.apply_assignment("http.listen=a,b").ok());
  EXPECT_TRUE(schema_.apply_assignment("http.password=a=b").ok());
  EXPECT_EQ(sends_, 30);
  EXPECT_THAT(listen_, ElementsAre("a", "b"));
  EXPECT_EQ(password_.reveal(), "a=b");
}

TEST_F(Config, refuses_bad_assignments) {
  for (const char* text :
       {"limit.sends", "limit.sends=", "limit.sends=1x", "limit.sends=101", "x=1"}) {
    EXPECT_FALSE(schema_.apply_assignment(text).ok()) << text;
  }
  EXPECT_EQ(sends_, 10);
}

TEST_F(Config, reloads_only_what_may_change_while_running) {
  const auto changed = schema_.reload_toml("[limit]\nsends = 20\nidle = '1m'\n", "a.toml");
  EXPECT_THAT(*changed, ElementsAre("limit.idle"));
  EXPECT_EQ(sends_, 20);
  EXPECT_EQ(idle_, milliseconds(90'000));
}

TEST_F(Config, gives_a_key_that_left_the_file_its_default) {
  ASSERT_EQ(problem("[limit]\nsends = 20\n"), "");
  ASSERT_TRUE(schema_.reload_toml("", "a.toml").ok());
  EXPECT_EQ(sends_, 10);
}

TEST_F(Config, keeps_assignments_over_a_reloaded_file) {
  ASSERT_TRUE(schema_.apply_assignment("limit.sends=30").ok());
  ASSERT_TRUE(schema_.reload_toml("[limit]\nsends = 20\n", "a.toml").ok());
  EXPECT_EQ(sends_, 30);
}

TEST_F(Config, keeps_all_values_at_a_bad_reload) {
  EXPECT_FALSE(schema_.reload_toml("[limit]\nsends = 20\nbad = 1\n", "a.toml").ok());
  EXPECT_EQ(sends_, 10);
}

TEST_F(Config, prints_toml_that_it_reads_back) {
  ASSERT_TRUE(schema_.apply_assignment("limit.sends=30").ok());
  const std::string text = schema_.print_toml();
  EXPECT_THAT(
      text,
      HasSubstr(
          "[limit]\n# Sends.\n# (integer, 1/s; 1 to 100; default 10; reloadable)\nsends = 30\n"));
  EXPECT_THAT(text, HasSubstr("idle = \"90s\"\n"));
  EXPECT_EQ(problem(text), "");
  EXPECT_EQ(sends_, 30);
}

TEST_F(Config, never_prints_a_secret) {
  ASSERT_TRUE(schema_.apply_assignment("http.password=hush").ok());
  for (const std::string& text :
       {schema_.print_toml(), schema_.print_json(), schema_.print_markdown()}) {
    EXPECT_THAT(text, Not(HasSubstr("hush")));
  }
  EXPECT_THAT(schema_.print_json(), HasSubstr("\"http.password\": \"***\""));
}

TEST_F(Config, prints_markdown_from_defaults) {
  ASSERT_TRUE(schema_.apply_assignment("limit.sends=30").ok());
  EXPECT_THAT(schema_.print_markdown(),
              HasSubstr("## limit\n\n| key | type | default | allowed | reloadable | meaning |\n"
                        "|---|---|---|---|---|---|\n"
                        "| `limit.sends` | integer, 1/s | `10` | 1 to 100 | yes | Sends. |\n"));
}

}  // namespace
}  // namespace longwire
