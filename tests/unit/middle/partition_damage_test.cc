// Rows that the disk has spoilt: an opening fails, a partition that serves says so.

#include <string>
#include <vector>

#include "middle/partition/partition.h"
#include "tests/unit/middle/partition_world.h"

namespace longwire::middle {
namespace {

struct KeptErrors final : LogSink {
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel level, std::string_view, std::string_view event,
             std::initializer_list<LogField>) override {
    if (level == LogLevel::kError) events.emplace_back(event);
  }
  std::vector<std::string> events;
};

class DamageRules : public PartitionWorld {
 public:
  ~DamageRules() override {
    partition.reset();
    executor.run_until_idle();
  }
  void open() {
    partition->open([this](Status status) { opened = std::move(status); });
    executor.run_until_idle();
  }
  // Asks for a row; what it is told.
  Error read(const Bytes& key) {
    Error heard;
    partition->run<bool>(
        WorkClass::kRead, [key](Transaction& t) -> Result<bool> { return t.get(key) != nullptr; },
        [&](Result<bool> found) { heard = found.error(); });
    executor.run_until_idle();
    return heard;
  }
  std::uint64_t counted() {
    return metrics.counter("longwire_partition_damaged_total", "").value();
  }

  KeptErrors log;
  Environment loud{executor, clock, random, log, metrics};
  std::unique_ptr<Partition> partition = std::make_unique<Partition>(
      1, loud, PartitionParts{store, lanes, events, no_effect}, PartitionOptions{});
  std::optional<Status> opened;
};

TEST_F(DamageRules, An_opening_fails_and_names_partition_and_place) {
  store.damage("000012.sst");
  open();
  ASSERT_TRUE(opened.has_value());
  ASSERT_FALSE(opened->ok());
  EXPECT_EQ(opened->error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(opened->error().message, "partition 1: 000012.sst");
}

TEST_F(DamageRules, An_opening_waits_for_a_store_that_may_answer_later) {
  store.fail_scan(0);
  open();
  EXPECT_FALSE(opened.has_value());
  executor.advance(std::chrono::seconds(5));
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->ok());
}

TEST_F(DamageRules, A_row_met_while_serving_is_logged_once_a_place_and_counted) {
  open();
  store.damage("000012.sst offset 1");
  EXPECT_EQ(read("a").code, ErrorCode::kCorrupt);
  EXPECT_EQ(read("a").code, ErrorCode::kCorrupt);
  EXPECT_EQ(log.events, std::vector<std::string>{"rows_damaged"});
  store.damage("000012.sst offset 2");
  EXPECT_EQ(read("b").code, ErrorCode::kCorrupt);
  EXPECT_EQ(log.events.size(), 2u);
  EXPECT_EQ(counted(), 3u);
}

TEST_F(DamageRules, A_scan_that_meets_one_is_logged_too) {
  open();
  store.damage("000012.sst");
  partition->scan({.from = "a", .to = "b"}, [](const auto&) {});
  executor.run_until_idle();
  EXPECT_EQ(log.events, std::vector<std::string>{"rows_damaged"});
}

TEST_F(DamageRules, A_row_that_cannot_be_decoded_is_logged_too) {
  open();
  partition->run<bool>(
      WorkClass::kRead,
      [](Transaction&) -> Result<bool> {
        return Error{ErrorCode::kCorrupt, "a row of nothing"};
      },
      [](const auto&) {});
  executor.run_until_idle();
  EXPECT_EQ(log.events, std::vector<std::string>{"rows_damaged"});
}

}  // namespace
}  // namespace longwire::middle
