#include "channels/push/cursor_flusher.h"

#include <gtest/gtest.h>

#include "tests/support/manual_executor.h"
#include "tests/unit/channels/fake_service.h"

namespace longwire::channels {
namespace {

class Source final : public CursorSource {
 public:
  void collect(std::vector<middle::CursorMove>& moves) override {
    ++asked;
    moves.insert(moves.end(), gives, middle::CursorMove{});
  }
  int asked = 0;
  std::size_t gives = 1;
};

class CursorFlusherTest : public testing::Test {
 protected:
  void wait() { executor.advance(std::chrono::seconds(1)); }

  test::ManualClock clock;
  test::ManualExecutor executor{clock};
  Metrics metrics;
  FakeService service{executor};
  CursorFlusher flusher{
      {executor, clock, system_random(), null_log(), metrics}, service, std::chrono::seconds(1)};
};

TEST_F(CursorFlusherTest, asks_a_source_once_however_often_it_was_marked) {
  Source source;
  flusher.mark(source);
  flusher.mark(source);
  wait();
  EXPECT_EQ(source.asked, 1);
  EXPECT_FALSE(executor.has_timer());
}

TEST_F(CursorFlusherTest, a_forgotten_source_is_not_asked_and_the_others_are) {
  Source sources[3];
  for (Source& source : sources) flusher.mark(source);
  flusher.forget(sources[0]);
  flusher.forget(sources[0]);
  flusher.forget(sources[2]);
  flusher.mark(sources[2]);
  wait();
  EXPECT_EQ(sources[0].asked, 0);
  EXPECT_EQ(sources[1].asked, 1);
  EXPECT_EQ(sources[2].asked, 1);
}

TEST_F(CursorFlusherTest, calls_have_a_size) {
  Source source;
  source.gives = 2 * CursorFlusher::kMovesPerCall + 1;
  flusher.mark(source);
  wait();
  EXPECT_EQ(service.move_calls, std::vector<std::size_t>({2000, 2000, 1}));
}

TEST_F(CursorFlusherTest, one_round_is_under_way_at_a_time) {
  Source source;
  service.holds_answers = true;
  flusher.mark(source);
  wait();
  flusher.mark(source);
  wait();
  EXPECT_EQ(service.move_calls.size(), 1u);
  service.release();
  wait();
  EXPECT_EQ(service.move_calls.size(), 2u);
}

TEST_F(CursorFlusherTest, keeps_so_many_moves_while_the_middle_takes_none) {
  Source source;
  source.gives = CursorFlusher::kMovesMax;
  service.status = Error{ErrorCode::kUnavailable, "not now"};
  for (int round = 0; round < 2; ++round) {
    flusher.mark(source);
    wait();
  }
  EXPECT_GT(metrics.counter("longwire_push_cursor_moves_dropped_total", "").value(), 0u);
  source.gives = 0;
  service.status = {};
  wait();
  wait();
  EXPECT_LE(service.moves.size(), CursorFlusher::kMovesMax);
  EXPECT_GT(service.moves.size(), 0u);
}

TEST_F(CursorFlusherTest, a_move_refused_for_good_is_not_repeated) {
  Source source;
  service.status = Error{ErrorCode::kInvalidArgument, "no"};
  flusher.mark(source);
  wait();
  wait();
  EXPECT_EQ(service.move_calls.size(), 1u);
}

}  // namespace
}  // namespace longwire::channels
