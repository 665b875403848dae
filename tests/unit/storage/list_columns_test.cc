// Lists in a column: the bytes are a stored format, shared by the relational back ends.

#include "storage/columns/list_columns.h"

#include <gtest/gtest.h>

namespace longwire::test {
namespace {

using middle::AppSecretHash;
using middle::PackageName;

TEST(ListColumns, Groups_are_a_count_and_strings) {
  const std::vector<std::string> groups = {"ab", "", std::string("\0\xff", 2)};
  const Bytes stored("\3\2ab\0\2\0\xff", 8);
  EXPECT_EQ(storage::encode_groups(groups), stored);
  EXPECT_EQ(storage::decode_groups(stored).value(), groups);
}

TEST(ListColumns, Packages_come_back) {
  const std::vector<PackageName> packages = {PackageName("a.b"), PackageName("c")};
  EXPECT_EQ(storage::decode_packages(storage::encode_packages(packages)).value(), packages);
}

TEST(ListColumns, Secrets_come_back_with_and_without_an_end) {
  const std::vector<AppSecretHash> secrets = {{"one", std::nullopt}, {"two", Timestamp{-7}}};
  const auto back = storage::decode_secrets(storage::encode_secrets(secrets)).value();
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].sha256, "one");
  EXPECT_EQ(back[0].valid_until, std::nullopt);
  EXPECT_EQ(back[1].valid_until, Timestamp{-7});
}

TEST(ListColumns, Broken_lists_are_corrupt) {
  for (const char* stored : {"", "\2\1a", "\1\1ab", "\xff\xff\xff\xff\x7f"}) {
    EXPECT_EQ(storage::decode_groups(stored).error().code, ErrorCode::kCorrupt);
  }
}

}  // namespace
}  // namespace longwire::test
