#include "base/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace longwire {
namespace {

// 2023-11-14 22:13:20.007 UTC
constexpr std::int64_t kTime = 1'700'000'000'007;

TEST(LogText, shows_time_level_module_event_and_fields) {
  EXPECT_EQ(format_log_text(
                {kTime, LogLevel::kInfo, "http", "listening", {{"port", 8443}, {"tls", true}}}),
            "2023-11-14T22:13:20.007Z info  http: listening port=8443 tls=true\n");
}

TEST(LogText, stays_one_line_whatever_comes_from_outside) {
  const std::string line = format_log_text(
      {kTime, LogLevel::kWarn, "xmpp", "bad\nevent", {{"from", "a\r\nb\" x=1\x1b[2J"}}});
  EXPECT_EQ(
      line,
      "2023-11-14T22:13:20.007Z warn  xmpp: bad\\nevent from=\"a\\r\\nb\\\" x=1\\u001b[2J\"\n");
}

TEST(LogJson, is_one_object_a_line) {
  EXPECT_EQ(
      format_log_json({kTime, LogLevel::kError, "db", "lost", {{"ratio", 0.5}, {"who", "a\"b"}}}),
      "{\"time\":\"2023-11-14T22:13:20.007Z\",\"level\":\"error\",\"module\":\"db\","
      "\"event\":\"lost\",\"ratio\":0.5,\"who\":\"a\\\"b\"}\n");
}

TEST(LogJson, replaces_bytes_that_are_no_utf8) {
  const std::string line =
      format_log_json({kTime, LogLevel::kInfo, "m", "e", {{"k", "a\xff\xc0\xafz\xed\xa0\x80"}}});
  EXPECT_NE(line.find("a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"), std::string::npos);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\xed'), 0);
}

TEST(LogJson, has_no_word_for_infinity) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string line = format_log_json({kTime, LogLevel::kInfo, "m", "e", {{"k", infinity}}});
  EXPECT_NE(line.find("\"k\":null"), std::string::npos);
}

TEST(LogSink, changes_its_level_while_running) {
  const auto sink = make_log_sink(LogLevel::kWarn, false);
  EXPECT_FALSE(sink->enabled(LogLevel::kInfo));
  sink->set_level(LogLevel::kDebug);
  EXPECT_TRUE(sink->enabled(LogLevel::kDebug));
  sink->set_level(LogLevel::kOff);
  EXPECT_FALSE(sink->enabled(LogLevel::kError));
}

TEST(LogSink, writes_to_stderr_what_its_level_lets_through) {
  testing::internal::CaptureStderr();
  {
    const auto sink = make_log_sink(LogLevel::kInfo, true);
    const Logger log(*sink, "test");
    log.debug("hidden");
    log.info("shown", {{"n", 1}});
  }
  const std::string out = testing::internal::GetCapturedStderr();
  EXPECT_EQ(out.find("hidden"), std::string::npos);
  EXPECT_NE(out.find("\"event\":\"shown\",\"n\":1}\n"), std::string::npos);
}

TEST(LogLevel, comes_back_from_its_name) {
  EXPECT_EQ(parse_log_level("warn"), LogLevel::kWarn);
  EXPECT_EQ(parse_log_level("loud"), std::nullopt);
}

TEST(ShortId, shows_too_little_to_use) {
  EXPECT_EQ(short_id("0123456789"), "01234567…");
  EXPECT_EQ(short_id("0123"), "0123");
}

}  // namespace
}  // namespace longwire
