// What a member's node is called and holds.

#include <gtest/gtest.h>

#include "storage/zookeeper/member_node.h"

namespace longwire::test {
namespace {

using middle::Member;
using storage::zookeeper::check;
using storage::zookeeper::decode_member;
using storage::zookeeper::encode_member;

const Member kMember{.address = "10.0.0.1:7000", .life = "1f2e", .version = "1.2 (abc)"};

TEST(ZooKeeperMemberNode, Is_read_as_it_was_written) {
  EXPECT_EQ(encode_member(kMember), "1\n1f2e\n1.2 (abc)");
  EXPECT_EQ(decode_member(kMember.address, encode_member(kMember)), kMember);
  EXPECT_EQ(storage::zookeeper::node_path("/longwire", kMember.address),
            "/longwire/members/10.0.0.1:7000");
}

// During an upgrade, programs of both versions must see the same members.
TEST(ZooKeeperMemberNode, Of_a_later_format_is_a_member_all_the_same) {
  EXPECT_EQ(decode_member(kMember.address, "12\n1f2e\n1.2 (abc)\nzone=b\n"), kMember);
}

TEST(ZooKeeperMemberNode, Without_format_life_and_version_is_none) {
  for (const char* bad : {"", "1", "1\n", "1\nlife", "1\n\nversion", "0\nlife\nversion",
                          "x\nlife\nversion", "-1\nlife\nversion", "99999999999\nlife\nversion"}) {
    EXPECT_FALSE(decode_member("a:1", bad).has_value()) << bad;
  }
}

TEST(ZooKeeperMemberNode, Of_what_cannot_be_written_is_refused) {
  EXPECT_TRUE(check(kMember).ok());
  for (const char* bad : {"", "a/b:1", "..", "a\nb"}) {
    EXPECT_FALSE(check(Member{bad, "life", ""}).ok()) << bad;
  }
  EXPECT_FALSE(check(Member{"a:1", "", ""}).ok());
  EXPECT_FALSE(check(Member{"a:1", "two\nlines", ""}).ok());
}

}  // namespace
}  // namespace longwire::test
