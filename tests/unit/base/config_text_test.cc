#include "base/config_text.h"

#include <gtest/gtest.h>

namespace longwire {
namespace {

TEST(ConfigText, Allows_other_characters_in_strings_and_comments) {
  EXPECT_FALSE(line_of_bare_non_ascii("# Α\na = \"Α\"\nb = 'Α' # Α\nc = \"\"\"Α\n\"Α\"\n\"\"\"\n"));
}

TEST(ConfigText, Names_the_line_of_a_bare_one) {
  EXPECT_EQ(line_of_bare_non_ascii("a = 1\nnumbΑ = 2\n"), 2U);
}

TEST(ConfigText, Is_not_misled_by_an_escaped_quote) {
  EXPECT_EQ(line_of_bare_non_ascii("a = \"\\\"\"\nΑ = 1"), 2U);
}

TEST(ConfigText, Is_not_misled_by_a_string_without_end) {
  EXPECT_EQ(line_of_bare_non_ascii("a = \"x\nΑ = 1"), 2U);
}

TEST(ConfigText, Takes_an_empty_text) { EXPECT_FALSE(line_of_bare_non_ascii("")); }

}  // namespace
}  // namespace longwire
