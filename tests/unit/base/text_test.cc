#include "base/text.h"

#include <gtest/gtest.h>

namespace longwire {
namespace {

TEST(Text, Utf8_is_judged_strictly) {
  for (const std::string_view good : {"", "a", "ü", "你好", "😀", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const std::string_view bad :
       {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe4\xbd", "\xe4\xbd z"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

TEST(Text, Characters_are_code_points) { EXPECT_EQ(count_characters("a你😀"), 3U); }

TEST(Text, lower_case_is_of_ascii_alone) {
  EXPECT_EQ(ascii_lower("AbZ@[`\xC3\x84"), "abz@[`\xC3\x84");
}

}  // namespace
}  // namespace longwire
