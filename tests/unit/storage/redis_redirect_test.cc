// What the error replies of a cluster mean.

#include <gtest/gtest.h>

#include "storage/redis/redirect.h"

namespace longwire::test {
namespace {

using storage::redis::parse_redirect;
using storage::redis::Redirect;
using Kind = Redirect::Kind;

const net::Address kFrom{"10.0.0.1", 6379};

Kind kind_of(std::string_view error) { return parse_redirect(error, kFrom).kind; }

TEST(RedisRedirect, Moved_names_slot_and_node) {
  const auto redirect = parse_redirect("MOVED 3999 127.0.0.1:6381", kFrom);
  EXPECT_EQ(redirect.kind, Kind::kMoved);
  EXPECT_EQ(redirect.slot, 3999);
  EXPECT_EQ(redirect.to.to_string(), "127.0.0.1:6381");
}

TEST(RedisRedirect, Ask_names_slot_and_node) {
  const auto redirect = parse_redirect("ASK 16383 127.0.0.1:6381", kFrom);
  EXPECT_EQ(redirect.kind, Kind::kAsk);
  EXPECT_EQ(redirect.slot, 16383);
  EXPECT_EQ(redirect.to.port, 6381);
}

TEST(RedisRedirect, Ipv6_has_no_brackets) {
  EXPECT_EQ(parse_redirect("MOVED 1 fe80::1:6381", kFrom).to.to_string(), "[fe80::1]:6381");
}

TEST(RedisRedirect, Without_a_host_it_means_who_answered) {
  EXPECT_EQ(parse_redirect("MOVED 1 :6381", kFrom).to.to_string(), "10.0.0.1:6381");
}

TEST(RedisRedirect, Host_names_are_left_to_the_map) {
  const auto redirect = parse_redirect("MOVED 1 redis-1.example.org:6381", kFrom);
  EXPECT_EQ(redirect.kind, Kind::kMoved);
  EXPECT_EQ(redirect.to.ip, "");
}

TEST(RedisRedirect, Later_is_said_in_four_ways) {
  EXPECT_EQ(kind_of("TRYAGAIN Multiple keys request during rehashing of slot"), Kind::kLater);
  EXPECT_EQ(kind_of("CLUSTERDOWN Hash slot not served"), Kind::kLater);
  EXPECT_EQ(kind_of("LOADING Redis is loading the dataset in memory"), Kind::kLater);
  EXPECT_EQ(kind_of("MASTERDOWN Link with MASTER is down"), Kind::kLater);
}

TEST(RedisRedirect, Other_errors_are_the_answer) {
  for (const char* error :
       {"", " ", "ERR unknown command", "WRONGTYPE Operation against a key", "MOVEDX 1 1.2.3.4:5",
        "moved 1 1.2.3.4:5", "CROSSSLOT Keys in request don't hash to the same slot"}) {
    EXPECT_EQ(kind_of(error), Kind::kFinal) << error;
  }
}

TEST(RedisRedirect, Without_sense_is_the_answer_too) {
  for (const char* error :
       {"MOVED", "MOVED ", "MOVED 1", "MOVED 1 ", "MOVED 16384 1.2.3.4:5", "MOVED -1 1.2.3.4:5",
        "MOVED 1x 1.2.3.4:5", "MOVED 99999999999 1.2.3.4:5", "MOVED 1 1.2.3.4",
        "MOVED 1 1.2.3.4:", "MOVED 1 1.2.3.4:0", "MOVED 1 1.2.3.4:65536", "MOVED 1 1.2.3.4:-5",
        "ASK 1.2.3.4:5 1", "MOVED  1 1.2.3.4:5"}) {
    EXPECT_EQ(kind_of(error), Kind::kFinal) << error;
  }
}

}  // namespace
}  // namespace longwire::test
