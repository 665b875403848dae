#pragma once

// One or two partitions on the memory store, moved by hand, with nothing of the core above them.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "middle/partition/partition.h"
#include "tests/unit/middle/middle_world.h"

namespace longwire::middle {

// What is sent between partitions stays here until a test moves it.
struct KeptLanes final : LaneTransport {
  void send(LaneMessage message) override { messages.push_back(std::move(message)); }
  void confirm(LaneConfirm confirm) override { confirms.push_back(confirm); }
  std::vector<LaneMessage> messages;
  std::vector<LaneConfirm> confirms;
};

struct CountedEvents final : PartitionEvents {
  void on_published(PartitionId, const FeedId&, std::span<const EntryPtr> entries) override {
    published += entries.size();
  }
  void on_feed_reset(PartitionId, const FeedId&, const Incarnation&) override {}
  void on_open(PartitionId) override { ++opened; }
  void on_closed(PartitionId) override { ++closed; }
  std::size_t published = 0;
  int opened = 0;
  int closed = 0;
};

// A test's own partitions end before this does: their ends may have work for the executor.
class PartitionWorld : public ::testing::Test {
 public:
  std::unique_ptr<Partition> make_partition(PartitionId id, LaneEffect effect,
                                            PartitionOptions options = {}) {
    return std::make_unique<Partition>(
        id, environment, PartitionParts{store, lanes, events, std::move(effect)}, options);
  }
  // Opened before it returns.
  std::unique_ptr<Partition> open_partition(PartitionId id, LaneEffect effect,
                                            PartitionOptions options = {}) {
    auto partition = make_partition(id, std::move(effect), options);
    partition->open([](Status status) { EXPECT_TRUE(status.ok()); });
    executor.run_until_idle();
    return partition;
  }
  static void no_effect(Transaction&, BytesView) {}
  // Somebody else has partition 0 from now on.
  void take_over(const WriterId& writer = WriterId("other")) {
    inner->open(0, writer, [](Result<Head> head) { EXPECT_TRUE(head.ok()); });
    executor.run_until_idle();
  }

  test::ManualClock clock;
  test::ManualExecutor executor{clock};
  SeededRandom random;
  Metrics metrics;
  Environment environment{executor, clock, random, null_log(), metrics};
  std::unique_ptr<PartitionStore> inner =
      storage::make_memory_store(executor, {.partitions = 2, .incarnation = Incarnation("i")});
  FaultyStore store{*inner, executor};
  KeptLanes lanes;
  CountedEvents events;
};

}  // namespace longwire::middle
