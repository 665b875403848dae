#include "http_front/protocol/message.h"

#include <gtest/gtest.h>

#include "http_front/protocol/http1_response.h"

namespace longwire::http {
namespace {

TEST(Message, Header_names_are_found_in_lower_case) {
  HeaderList headers;
  headers.add("Content-Type", "a");
  headers.add("X-A", "");
  headers.add("x-a", "second");
  EXPECT_EQ(headers.find("content-type"), "a");
  EXPECT_EQ(headers.find("x-a"), "");
  EXPECT_EQ(headers.count("x-a"), 2U);
  EXPECT_FALSE(headers.find("x-b").has_value());
}

TEST(Message, Methods_are_case_sensitive) {
  EXPECT_EQ(parse_method("POST"), Method::kPost);
  EXPECT_EQ(parse_method("post"), Method::kOther);
  EXPECT_EQ(method_name(Method::kDelete), "DELETE");
}

TEST(Message, Targets_are_split_at_the_first_question_mark) {
  Request request;
  ASSERT_TRUE(set_target(request, "/a?b?c"));
  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query(), "b?c");
  ASSERT_TRUE(set_target(request, "https://host"));
  EXPECT_EQ(request.target, "/");
  ASSERT_TRUE(set_target(request, "https://host?x"));
  EXPECT_EQ(request.target, "/?x");
  EXPECT_FALSE(set_target(request, "ftp://host/"));
  EXPECT_FALSE(set_target(request, "http:///"));
  EXPECT_FALSE(set_target(request, ""));
}

TEST(Message, Dates_are_those_of_the_calendar) {
  EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(951'782'400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(http_date(1'735'689'599), "Tue, 31 Dec 2024 23:59:59 GMT");
}

TEST(Message, Response_carries_its_fields) {
  Response response;
  response.status = 405;
  response.body = "x";
  response.retry_after = std::chrono::seconds(2);
  response.extra = {"allow", "POST"};
  Bytes out;
  append_http1_response(response, {.keep_alive = false, .head_only = false, .date = ""}, out);
  EXPECT_EQ(out,
            "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: application/json;charset=UTF-8\r\n"
            "Content-Length: 1\r\nRetry-After: 2\r\nallow: POST\r\nConnection: close\r\n\r\nx");
}

}  // namespace
}  // namespace longwire::http
