// What the server's error numbers mean to a caller. The server itself:
// tests/contract/mysql_test.py.

#include <gtest/gtest.h>

#include "storage/mysql/failure.h"

namespace longwire::test {
namespace {

using storage::mysql::classify;
using storage::mysql::FailureKind;

constexpr std::chrono::milliseconds kRetryAfter{70};

TEST(MySqlFailure, Deadlocks_and_lock_waits_are_conflicts_to_be_repeated) {
  for (const int number : {1205, 1213}) {
    const auto failure = classify(number, "text", kRetryAfter);
    EXPECT_EQ(failure.kind, FailureKind::kConflict);
    EXPECT_EQ(failure.error.code, ErrorCode::kUnavailable);
    EXPECT_EQ(failure.error.retry_after, kRetryAfter);
  }
}

TEST(MySqlFailure, Connections_that_are_gone_are_lost) {
  for (const int number : {1053, 1927, 2002, 2003, 2006, 2013}) {
    EXPECT_EQ(classify(number, "text", kRetryAfter).kind, FailureKind::kLost);
  }
}

TEST(MySqlFailure, Full_disks_and_refused_accounts_may_pass) {
  for (const int number : {1021, 1040, 1045, 1114, 1290}) {
    const auto failure = classify(number, "text", kRetryAfter);
    EXPECT_EQ(failure.kind, FailureKind::kOther);
    EXPECT_EQ(failure.error.code, ErrorCode::kUnavailable);
  }
}

TEST(MySqlFailure, Values_that_do_not_fit_are_the_callers) {
  const auto failure = classify(1406, "Data too long", kRetryAfter);
  EXPECT_EQ(failure.error.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(failure.error.retry_after.count(), 0);
}

TEST(MySqlFailure, Unknown_numbers_are_ours_and_not_repeated) {
  const auto failure = classify(99999, "text", kRetryAfter);
  EXPECT_EQ(failure.kind, FailureKind::kOther);
  EXPECT_EQ(failure.error.code, ErrorCode::kInternal);
  EXPECT_EQ(failure.error.message, "mysql 99999: text");
}

}  // namespace
}  // namespace longwire::test
