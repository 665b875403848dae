#include "base/guarded.h"

#include <gtest/gtest.h>

#include <thread>

namespace longwire {
namespace {

TEST(Guarded, loses_no_change_of_two_threads) {
  Guarded<int> sum;
  const auto add = [&sum] {
    for (int i = 0; i < 1000; ++i) ++*sum.lock();
  };
  std::thread other(add);
  add();
  other.join();
  EXPECT_EQ(*sum.lock(), 2000);
}

}  // namespace
}  // namespace longwire
