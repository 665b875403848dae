// ZooKeeper's part of the configuration.

#include <gtest/gtest.h>

#include "storage/zookeeper/options.h"

namespace longwire::test {
namespace {

using storage::zookeeper::check;
using storage::zookeeper::Options;

class ZooKeeperOptions : public testing::Test {
 protected:
  ZooKeeperOptions() { declare_config(schema_, options_); }

  Options options_;
  ConfigSchema schema_;
};

TEST_F(ZooKeeperOptions, Servers_are_host_and_port) {
  EXPECT_TRUE(schema_.apply_assignment("zookeeper.servers=zk1.example.org:2181,[::1]:2182").ok());
  EXPECT_EQ(options_.servers, (std::vector<std::string>{"zk1.example.org:2181", "[::1]:2182"}));
  for (const char* bad : {"host", ":2181", "host:", "host:0", "host:99999", "host:2181/chroot"}) {
    EXPECT_FALSE(schema_.apply_assignment("zookeeper.servers=" + std::string(bad)).ok()) << bad;
  }
}

TEST_F(ZooKeeperOptions, Path_is_one_that_can_be_made) {
  EXPECT_TRUE(schema_.apply_assignment("zookeeper.path=/clusters/one").ok());
  for (const char* bad : {"", "/", "longwire", "/longwire/", "/a//b", "/a/../b"}) {
    EXPECT_FALSE(schema_.apply_assignment("zookeeper.path=" + std::string(bad)).ok()) << bad;
  }
}

TEST_F(ZooKeeperOptions, Session_lasts_as_long_as_servers_let_it_at_least) {
  EXPECT_TRUE(schema_.apply_assignment("zookeeper.session_timeout=4s").ok());
  EXPECT_FALSE(schema_.apply_assignment("zookeeper.session_timeout=3999ms").ok());
}

TEST_F(ZooKeeperOptions, Check_names_the_key_that_is_wrong) {
  EXPECT_EQ(check(options_).error().message, "zookeeper.servers: there is none");
  options_.servers = {"host"};
  EXPECT_EQ(check(options_).error().message, "zookeeper.servers: host: must be \"host:port\"");
  options_.servers = {"host:2181"};
  EXPECT_TRUE(check(options_).ok());
  options_.path = "/";
  EXPECT_EQ(check(options_).error().message.substr(0, 16), "zookeeper.path: ");
}

}  // namespace
}  // namespace longwire::test
