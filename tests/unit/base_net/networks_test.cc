#include "base/net/networks.h"

#include <gtest/gtest.h>

namespace longwire::net {
namespace {

bool contains(const char* network, const char* ip) {
  return Networks::parse({network}).value().contains(ip);
}

TEST(Networks, hold_addresses_of_the_same_first_bits) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(contains("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(contains("fd00::/9", "fd7f::1"));
  EXPECT_FALSE(contains("fd00::/9", "fd80::1"));
}

TEST(Networks, a_lone_address_is_a_network_of_its_own) {
  EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(contains("::1", "0:0::1"));
  EXPECT_FALSE(contains("::1", "::2"));
}

TEST(Networks, no_bits_hold_all_of_a_family) {
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
  EXPECT_FALSE(contains("::/0", "127.0.0.1"));
}

TEST(Networks, any_of_several_will_do) {
  const Networks networks = Networks::parse({"10.0.0.0/8", "fd00::/8"}).value();
  EXPECT_TRUE(networks.contains("10.1.1.1"));
  EXPECT_TRUE(networks.contains("fd00::1"));
  EXPECT_FALSE(networks.contains("127.0.0.1"));
}

TEST(Networks, none_hold_nothing) {
  EXPECT_TRUE(Networks().empty());
  EXPECT_FALSE(Networks().contains("127.0.0.1"));
  EXPECT_FALSE(contains("0.0.0.0/0", ""));
  EXPECT_FALSE(contains("0.0.0.0/0", "localhost"));
}

TEST(Networks, what_is_no_network_is_refused) {
  for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                           "::/129", "10.0.0/8", "example.org/8", "10.0.0.0/8/8"})
    EXPECT_FALSE(check_network(text).ok()) << text;
  EXPECT_TRUE(check_network("10.0.0.0/32").ok());
}

}  // namespace
}  // namespace longwire::net
