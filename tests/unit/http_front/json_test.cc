#include "http_front/protocol/json.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace longwire::http {
namespace {

TEST(Json, String_members_are_read) {
  const auto members = parse_json_strings(R"({"appId":"1","appKey":"\u00fc\n","n":3})");
  ASSERT_TRUE(members.ok());
  EXPECT_EQ(members->at("appId"), "1");
  EXPECT_EQ(members->at("appKey"), "ü\n");
  EXPECT_EQ(members->count("n"), 0U);
}

TEST(Json, Members_of_inner_objects_are_skipped) {
  const auto members = parse_json_strings(R"({"a":{"appId":"x","l":["y"]},"appId":"1"})");
  ASSERT_TRUE(members.ok());
  EXPECT_EQ(members->size(), 1U);
}

TEST(Json, What_is_no_object_of_plain_json_is_refused) {
  for (const std::string& bad :
       {std::string(), std::string("null"), std::string("\"a\""), std::string("[{\"a\":\"b\"}]"),
        std::string("3"), std::string("{"), std::string("{\"a\":\"b\"} x"),
        std::string("{\"a\":\"b\",}"), std::string("{'a':'b'}"), std::string("{\"a\":\"\xff\"}"),
        std::string("{\"a\":\"b\",\"a\":\"c\"}"), std::string("{\"a\":1e999}"),
        std::string("{\"a\":\"\\ud800\"}")}) {
    EXPECT_FALSE(parse_json_strings(bad).ok()) << bad;
  }
}

TEST(Json, Depth_is_bounded) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(parse_json_strings(nested(kJsonDepthMax - 1)).ok());
  EXPECT_FALSE(parse_json_strings(nested(kJsonDepthMax)).ok());
  EXPECT_FALSE(parse_json_strings(std::string(1'000'000, '[')).ok());
}

TEST(Json, Documents_are_written) {
  JsonWriter json;
  json.begin_object().key("a").string("x\"y\\\n\x01ü").key("b").begin_array();
  json.number(-1).unsigned_number(2).boolean(true).begin_object().end_object().end_array();
  json.key("c").string("").end_object();
  EXPECT_EQ(std::move(json).take(),
            "{\"a\":\"x\\\"y\\\\\\u000a\\u0001ü\",\"b\":[-1,2,true,{}],\"c\":\"\"}");
}

TEST(Json, Bytes_that_are_no_text_are_replaced) {
  Bytes out;
  append_json_string("a\xff", out);
  EXPECT_EQ(out, "\"a\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace longwire::http
