#include "base/net/loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "base/net/address.h"

namespace longwire::net {
namespace {

using std::chrono::milliseconds;

struct Pair {
  Pair() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    near = Descriptor(ends[0]);
    far = Descriptor(ends[1]);
  }
  void poke() { EXPECT_EQ(::write(far.get(), "x", 1), 1); }
  Descriptor near;
  Descriptor far;
};

class Calls final : public Watcher {
 public:
  void on_readable() override { readable(); }
  void on_writable() override { writable(); }
  std::function<void()> readable = [] { ADD_FAILURE() << "not to be read"; };
  std::function<void()> writable = [] { ADD_FAILURE() << "not to be written"; };
};

class LoopTest : public testing::Test {
 protected:
  // Two more turns: what was ready in this one has been told.
  void stop_soon() {
    loop_.post([this] { loop_.post([this] { loop_.stop(); }); });
  }
  Loop loop_{"test"};
  std::vector<int> ran_;
};

TEST_F(LoopTest, runs_posts_of_each_thread_in_their_order) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 1000;
  int left = kThreads * kPosts;
  std::vector<int> next(kThreads, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t, &left, &next] {
      for (int i = 0; i < kPosts; ++i) {
        loop_.post([this, t, i, &left, &next] {
          EXPECT_EQ(next[t]++, i);
          if (--left == 0) loop_.stop();
        });
      }
    });
  }
  loop_.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(left, 0);
}

TEST_F(LoopTest, runs_what_came_quietly_in_its_place) {
  loop_.post([this] { ran_.push_back(1); });
  loop_.post_quietly([this] { ran_.push_back(2); });
  loop_.post([this] { loop_.stop(); });
  loop_.run();
  EXPECT_EQ(ran_, (std::vector<int>{1, 2}));
}

TEST_F(LoopTest, runs_timers_by_time_and_not_the_cancelled) {
  loop_.schedule(milliseconds(2), [this] { loop_.stop(); });
  loop_.schedule(milliseconds(1), [this] { ran_.push_back(1); });
  const TimerId cancelled = loop_.schedule(milliseconds(0), [this] { ran_.push_back(0); });
  loop_.cancel(cancelled);
  loop_.cancel(TimerId::kNone);
  loop_.run();
  EXPECT_EQ(ran_, (std::vector<int>{1}));
}

TEST_F(LoopTest, does_not_run_a_timer_early) {
  const MonotonicTime start = system_clock().monotonic();
  loop_.schedule(milliseconds(5), [this] { loop_.stop(); });
  loop_.run();
  EXPECT_GE(system_clock().monotonic() - start, milliseconds(5));
}

TEST_F(LoopTest, cancels_a_timer_that_is_due_in_the_same_turn) {
  TimerId second = TimerId::kNone;
  loop_.schedule(milliseconds(0), [this, &second] {
    loop_.cancel(second);
    stop_soon();
  });
  second = loop_.schedule(milliseconds(0), [this] { ran_.push_back(2); });
  loop_.run();
  EXPECT_TRUE(ran_.empty());
}

TEST_F(LoopTest, tells_no_watcher_that_was_unwatched_in_the_same_turn) {
  Pair pairs[2];
  Calls calls[2];
  for (std::size_t i = 0; i < 2; ++i) {
    pairs[i].poke();
    loop_.watch(pairs[i].near.get(), Interest::kRead, calls[i]);
    calls[i].readable = [this, i, &pairs] {
      ran_.push_back(1);
      loop_.unwatch(pairs[i].near.get());
      loop_.unwatch(pairs[1 - i].near.get());
    };
  }
  stop_soon();
  loop_.run();
  EXPECT_EQ(ran_.size(), 1u);
}

TEST_F(LoopTest, does_not_take_an_old_event_for_a_new_watch_of_the_number) {
  Pair pairs[2];
  Calls calls[2];
  Calls later;  // expects no call: nothing is ready for it
  for (std::size_t i = 0; i < 2; ++i) {
    pairs[i].poke();
    loop_.watch(pairs[i].near.get(), Interest::kRead, calls[i]);
    calls[i].readable = [this, i, &pairs, &later] {
      const int other = pairs[1 - i].near.get();
      loop_.unwatch(pairs[i].near.get());
      loop_.unwatch(other);
      char byte = 0;
      EXPECT_EQ(::read(other, &byte, 1), 1);
      loop_.watch(other, Interest::kRead, later);
    };
  }
  stop_soon();
  loop_.run();
}

TEST_F(LoopTest, tells_what_was_asked_for) {
  Pair pair;
  Calls calls;
  calls.writable = [this, &pair, &calls] {
    ran_.push_back(1);
    loop_.change(pair.near.get(), Interest::kRead, calls);
    pair.poke();
  };
  calls.readable = [this, &pair] {
    ran_.push_back(2);
    loop_.unwatch(pair.near.get());
    loop_.stop();
  };
  loop_.watch(pair.near.get(), Interest::kWrite, calls);
  loop_.run();
  EXPECT_EQ(ran_, (std::vector<int>{1, 2}));
}

TEST_F(LoopTest, stays_calm_at_a_hang_up_nobody_asked_for) {
  Pair pair;
  Calls calls;
  loop_.watch(pair.near.get(), Interest::kNone, calls);
  pair.far.reset();
  stop_soon();
  loop_.run();
}

TEST_F(LoopTest, runs_the_end_of_turn_after_all_of_the_turn) {
  loop_.post([this] {
    loop_.at_end_of_turn([this] {
      ran_.push_back(3);
      loop_.at_end_of_turn([this] { ran_.push_back(4); });
      loop_.post([this] {
        ran_.push_back(5);
        loop_.stop();
      });
    });
    ran_.push_back(1);
  });
  loop_.post([this] { ran_.push_back(2); });
  loop_.run();
  EXPECT_EQ(ran_, (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST_F(LoopTest, destroys_what_is_queued_at_its_stop) {
  const auto held = std::make_shared<int>(1);
  loop_.post([this] { loop_.stop(); });
  loop_.post([this, held] {
    loop_.post([this, held] { ran_.push_back(1); });
    loop_.schedule(milliseconds(0), [held] {});
  });
  loop_.run();
  loop_.post([this, held] { ran_.push_back(2); });
  EXPECT_TRUE(ran_.empty());
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(LoopTest, may_be_stopped_before_it_runs) {
  loop_.stop();
  loop_.run();
}

TEST_F(LoopTest, knows_its_thread) {
  EXPECT_FALSE(loop_.in_loop());
  loop_.post([this] {
    EXPECT_TRUE(loop_.in_loop());
    loop_.stop();
  });
  loop_.run();
}

}  // namespace
}  // namespace longwire::net
