#include "base/net/loop_thread.h"

#include <gtest/gtest.h>

namespace longwire::net {
namespace {

TEST(LoopThread, runs_calls_on_its_loop) {
  LoopThread thread("a name longer than fifteen characters");
  bool in_loop = false;
  EXPECT_TRUE(thread.call([&] { in_loop = thread.loop().in_loop(); }));
  EXPECT_TRUE(in_loop);
}

TEST(LoopThread, runs_no_call_after_its_stop) {
  LoopThread thread("test");
  thread.stop();
  EXPECT_FALSE(thread.call([] { ADD_FAILURE(); }));
}

}  // namespace
}  // namespace longwire::net
