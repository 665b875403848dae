#include "base/named_type.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace longwire {
namespace {

using Name = NamedType<std::string, struct NameTag>;
using Number = NamedType<int, struct NumberTag>;

TEST(NamedType, is_ordered_and_hashable) {
  EXPECT_LT(Name("a"), Name("b"));
  EXPECT_EQ(Number(3), Number(3));
  const std::unordered_set<Name> names = {Name("a"), Name("b"), Name("a")};
  EXPECT_EQ(names.size(), 2u);
}

TEST(NamedType, is_a_type_of_its_own) {
  static_assert(!std::is_convertible_v<std::string, Name>);
  static_assert(!std::is_constructible_v<Name, Number>);
  EXPECT_TRUE(Name().empty());
}

}  // namespace
}  // namespace longwire
