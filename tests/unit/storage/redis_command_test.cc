// Words of a command.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/redis/command.h"

namespace longwire::test {
namespace {

using storage::redis::Words;

std::vector<std::string> all(const Words& words) {
  std::vector<std::string> found;
  words.for_each([&found](std::string_view word) { found.emplace_back(word); });
  return found;
}

TEST(RedisWords, Keep_words_of_any_bytes_in_their_order) {
  const std::string odd("\0\r\n\xFF", 4);
  const Words words = {"SET", "", odd, std::string(100'000, 'v')};
  EXPECT_EQ(all(words), (std::vector<std::string>{"SET", "", odd, std::string(100'000, 'v')}));
  EXPECT_EQ(words.size(), 4U);
}

TEST(RedisWords, Are_found_by_their_place) {
  Words words = {"GET", "key"};
  words.add("").add("last");
  EXPECT_EQ(words[0], "GET");
  EXPECT_EQ(words[1], "key");
  EXPECT_EQ(words[2], "");
  EXPECT_EQ(words[3], "last");
}

TEST(RedisWords, Of_none_are_none) {
  EXPECT_EQ(Words().size(), 0U);
  EXPECT_EQ(all(Words()), std::vector<std::string>());
}

}  // namespace
}  // namespace longwire::test
