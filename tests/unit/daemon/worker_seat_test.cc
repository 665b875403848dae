#include "daemon/workers/worker_seat.h"

#include <gtest/gtest.h>

namespace longwire::daemon {
namespace {

TEST(WorkerSeat, is_read_as_it_was_written) {
  const SeatNumbers seat{2, 7, {{8, 9}, {10, 11}}};
  EXPECT_EQ(seat.to_text(), "2;7;8,9;10,11");
  const auto read = read_seat(seat.to_text());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->number, 2);
  EXPECT_EQ(read->control, 7);
  EXPECT_EQ(read->sockets, seat.sockets);
  EXPECT_EQ(read->descriptors(), (std::vector<int>{7, 8, 9, 10, 11}));
}

TEST(WorkerSeat, what_is_none_is_refused) {
  for (const char* text : {"", "1", "1;2", "1;2;3", "1;2;3,", "1;2;3,4;", "x;2;3,4", "1;-2;3,4",
                           "1;2;3,99999999999"}) {
    EXPECT_FALSE(read_seat(text).ok()) << text;
  }
}

}  // namespace
}  // namespace longwire::daemon
