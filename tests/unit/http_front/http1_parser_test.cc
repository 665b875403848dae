#include "http_front/protocol/http1_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace longwire::http {
namespace {

const std::string kPost =
    "POST /v2/message/regid?a=1 HTTP/1.1\r\nHost: x\r\nContent-Type: text/a\r\n"
    "Content-Length: 5\r\n\r\nhello";
const std::string kChunked =
    "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
    "3\r\nabc\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";

int refused_with(const std::string& bytes, ParserLimits limits = {}) {
  Http1Parser parser(limits);
  parser.consume(bytes);
  return parser.refusal() == nullptr ? 0 : parser.refusal()->status;
}

std::string get_with(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}
std::string post_with(const std::string& fields, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + body;
}

TEST(Http1Parser, Request_is_whole_when_its_body_is) {
  Http1Parser parser({});
  EXPECT_EQ(parser.consume(kPost), kPost.size());
  ASSERT_TRUE(parser.complete());
  const Request request = parser.take_request();
  EXPECT_EQ(request.method, Method::kPost);
  EXPECT_EQ(request.path(), "/v2/message/regid");
  EXPECT_EQ(request.query(), "a=1");
  EXPECT_EQ(request.headers.find("content-type"), "text/a");
  EXPECT_EQ(request.body, "hello");
}

TEST(Http1Parser, Chunks_are_joined_and_trailers_dropped) {
  Http1Parser parser({});
  EXPECT_EQ(parser.consume(kChunked), kChunked.size());
  ASSERT_TRUE(parser.complete());
  const Request request = parser.take_request();
  EXPECT_EQ(request.body, "abc0123456789");
  EXPECT_FALSE(request.headers.find("trailer").has_value());
}

TEST(Http1Parser, Requests_are_the_same_however_the_bytes_are_cut) {
  for (const std::string& bytes : {kPost, kChunked}) {
    Http1Parser whole({});
    whole.consume(bytes);
    const std::string body = whole.take_request().body;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      Http1Parser parser({});
      ASSERT_EQ(parser.consume(bytes.substr(0, cut)), cut);
      ASSERT_FALSE(parser.complete()) << cut;
      parser.consume(bytes.substr(cut));
      ASSERT_TRUE(parser.complete()) << cut;
      ASSERT_EQ(parser.take_request().body, body) << cut;
    }
    Http1Parser parser({});
    for (const char c : bytes) parser.consume(std::string(1, c));
    ASSERT_TRUE(parser.complete());
    EXPECT_EQ(parser.take_request().body, body);
  }
}

TEST(Http1Parser, Pipelined_requests_are_taken_one_by_one) {
  const std::string bytes = kPost + kChunked + kPost;
  Http1Parser parser({});
  std::size_t used = parser.consume(bytes);
  EXPECT_EQ(used, kPost.size());
  EXPECT_EQ(parser.take_request().body, "hello");
  used += parser.consume(bytes.substr(used));
  EXPECT_EQ(parser.take_request().body, "abc0123456789");
  parser.consume(bytes.substr(used));
  ASSERT_TRUE(parser.complete());
  EXPECT_EQ(parser.take_request().body, "hello");
}

TEST(Http1Parser, Empty_lines_before_a_request_are_skipped) {
  EXPECT_EQ(refused_with("\r\n\r\n" + kPost), 0);
}

TEST(Http1Parser, Absolute_form_is_taken_for_its_path) {
  Http1Parser parser({});
  parser.consume("GET http://example.org/a/b?c HTTP/1.1\r\nHost: example.org\r\n\r\n");
  ASSERT_TRUE(parser.complete());
  EXPECT_EQ(parser.take_request().target, "/a/b?c");
}

TEST(Http1Parser, Connection_ends_where_the_peer_says_so) {
  const std::vector<std::pair<std::string, bool>> cases{
      {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
  };
  for (const auto& [bytes, keep_alive] : cases) {
    Http1Parser parser({});
    parser.consume(bytes);
    ASSERT_TRUE(parser.complete()) << bytes;
    EXPECT_EQ(parser.keep_alive(), keep_alive) << bytes;
  }
}

TEST(Http1Parser, Expectation_is_told_once_while_the_body_is_awaited) {
  Http1Parser parser({});
  parser.consume(post_with("Expect: 100-Continue\r\nContent-Length: 2\r\n", ""));
  EXPECT_TRUE(parser.take_expectation());
  EXPECT_FALSE(parser.take_expectation());
}

TEST(Http1Parser, Empty_expectation_is_none) {
  Http1Parser parser({});
  parser.consume(post_with("Expect: \r\nContent-Length: 2\r\n", ""));
  EXPECT_FALSE(parser.take_expectation());
  EXPECT_EQ(parser.refusal(), nullptr);
}

struct Hostile {
  const char* name;
  std::string bytes;
  int status;
};

std::vector<Hostile> hostile_heads() {
  return {
      {"no method", " / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: x\r\n\r\n", 400},
      {"version 0.9", "GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505},
      {"version 2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"lower-case version", "GET / http/1.1\r\nHost: x\r\n\r\n", 400},
      {"blank in target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"control in target", "GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"fragment", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"target without slash", "GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"connect", "CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", 501},
      {"bare LF", "GET / HTTP/1.1\nHost: x\n\n", 400},
      {"LF after CRLF line", "GET / HTTP/1.1\r\nHost: x\n\r\n", 400},
      {"bare CR in line", "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400},
      {"bare CR in request line", "GET /\r HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"folded line", get_with("A: b\r\n c\r\n"), 400},
      {"blank before colon", get_with("A : b\r\n"), 400},
      {"no colon", get_with("A\r\n"), 400},
      {"empty name", get_with(": b\r\n"), 400},
      {"zero in value", get_with(std::string("A: b\0c\r\n", 8)), 400},
      {"no host", "GET / HTTP/1.1\r\nA: b\r\n\r\n", 400},
      {"two hosts", get_with("Host: y\r\n"), 400},
      {"unknown expectation", get_with("Expect: cake\r\n"), 417},
  };
}

std::vector<Hostile> smuggling() {
  return {
      {"length and chunked", post_with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", ""),
       400},
      {"two lengths", post_with("Content-Length: 3\r\nContent-Length: 3\r\n", ""), 400},
      {"list of lengths", post_with("Content-Length: 3, 3\r\n", ""), 400},
      {"signed length", post_with("Content-Length: +3\r\n", ""), 400},
      {"negative length", post_with("Content-Length: -3\r\n", ""), 400},
      {"hex length", post_with("Content-Length: 0x3\r\n", ""), 400},
      {"empty length", post_with("Content-Length: \r\n", ""), 400},
      {"length beyond 64 bits", post_with("Content-Length: 18446744073709551619\r\n", ""), 400},
      {"chunked twice", post_with("Transfer-Encoding: chunked, chunked\r\n", ""), 501},
      {"two encodings", post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", ""),
       501},
      {"gzip", post_with("Transfer-Encoding: gzip\r\n", ""), 501},
      {"xchunked", post_with("Transfer-Encoding: xchunked\r\n", ""), 501},
      {"chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
  };
}

std::vector<Hostile> bad_chunks() {
  const auto chunk = [](const std::string& body) {
    return post_with("Transfer-Encoding: chunked\r\n", body);
  };
  return {
      {"no size", chunk("\r\nabc\r\n"), 400},
      {"size with sign", chunk("+3\r\nabc\r\n"), 400},
      {"size with 0x", chunk("0x3\r\nabc\r\n"), 400},
      {"size with blank", chunk(" 3\r\nabc\r\n"), 400},
      {"size too long", chunk("0000000000000003\r\nabc\r\n"), 400},
      {"LF alone after size", chunk("3\nabc\r\n"), 400},
      {"longer than told", chunk("3\r\nabcd\r\n"), 400},
      {"LF alone after data", chunk("3\r\nabc\n"), 400},
      {"endless extension", chunk("3;" + std::string(300, 'x')), 400},
      {"control in extension", chunk("3;\x01\r\nabc\r\n"), 400},
      {"beyond the limit", chunk("fffffff\r\n"), 413},
      {"trailer without colon", chunk("0\r\nabc\r\n\r\n"), 400},
      {"LF alone after trailer", chunk("0\r\n\n"), 400},
  };
}

TEST(Http1Parser, Hostile_bytes_are_refused_each_with_its_status) {
  for (const auto& table : {hostile_heads(), smuggling(), bad_chunks()}) {
    for (const Hostile& hostile : table) {
      EXPECT_EQ(refused_with(hostile.bytes), hostile.status) << hostile.name;
    }
  }
}

TEST(Http1Parser, Hostile_bytes_are_refused_however_they_are_cut) {
  for (const auto& table : {hostile_heads(), smuggling(), bad_chunks()}) {
    for (const Hostile& hostile : table) {
      Http1Parser parser({});
      for (const char c : hostile.bytes) parser.consume(std::string(1, c));
      ASSERT_NE(parser.refusal(), nullptr) << hostile.name;
      EXPECT_EQ(parser.refusal()->status, hostile.status) << hostile.name;
    }
  }
}

TEST(Http1Parser, Limits_are_reached_and_not_passed) {
  const ParserLimits limits{.head_bytes_max = 100, .fields_max = 3, .body_bytes_max = 10};
  EXPECT_EQ(refused_with(std::string(200, 'A'), limits), 431);
  EXPECT_EQ(refused_with(get_with("A: " + std::string(100, 'a') + "\r\n"), limits), 431);
  EXPECT_EQ(refused_with(get_with("A: b\r\nB: c\r\n"), limits), 0);
  EXPECT_EQ(refused_with(get_with("A: b\r\nB: c\r\nC: d\r\n"), limits), 431);
  EXPECT_EQ(refused_with(post_with("Content-Length: 10\r\n", ""), limits), 0);
  EXPECT_EQ(refused_with(post_with("Content-Length: 11\r\n", ""), limits), 413);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(refused_with(post_with(chunked, "6\r\nabcdef\r\n5\r\n"), limits), 413);
  EXPECT_EQ(
      refused_with(post_with(chunked, "0\r\nA: " + std::string(100, 'a') + "\r\n\r\n"), limits),
      431);
  EXPECT_EQ(refused_with(std::string(200, '\r'), limits), 431);
}

}  // namespace
}  // namespace longwire::http
