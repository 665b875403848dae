#include "channels/push/reader_filter.h"

#include <gtest/gtest.h>

namespace longwire::channels {
namespace {

TEST(ReaderFilter, collapse_goes_by_the_time_of_acceptance) {
  auto keyed = [](middle::FeedNumber number, std::int64_t accepted, std::int64_t expires) {
    auto made = std::make_shared<middle::Entry>();
    made->number = number;
    made->accepted = {accepted};
    made->expires = {expires};
    made->collapse_key = "k";
    made->body = "b";
    return made;
  };
  const std::vector<middle::EntryPtr> span = {keyed(1, 20, 100), keyed(2, 10, 100),
                                              keyed(3, 30, 40)};
  EXPECT_FALSE(is_collapsed(*span[0], span, {50}));  // the third has expired
  EXPECT_TRUE(is_collapsed(*span[0], span, {35}));
  EXPECT_TRUE(is_collapsed(*span[1], span, {50}));
}

}  // namespace
}  // namespace longwire::channels
