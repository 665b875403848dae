#pragma once

// Storages to move between, in this process.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/net/loop_thread.h"
#include "daemon/serve/back_ends.h"
#include "daemon/serve/wait.h"
#include "daemon/transfer/storage_export.h"
#include "storage/memory/memory_store.h"

namespace longwire::daemon {

class MemoryEnds final : public BackEnds {
 public:
  MemoryEnds(Executor& executor, std::uint16_t partitions)
      : MemoryEnds(executor, storage::make_memory_storage(info_of(partitions))) {}

  middle::PartitionStore& partitions() override { return *partitions_; }
  middle::Directory& directory() override { return *directory_; }
  Status backup(const std::filesystem::path&) override { return {}; }
  Status check_directory() override { return {}; }

 private:
  MemoryEnds(Executor& executor, const std::shared_ptr<storage::MemoryStorage>& storage)
      : partitions_(storage::make_memory_store(executor, storage)),
        directory_(storage::make_memory_directory(executor, storage)) {}
  static middle::StorageInfo info_of(std::uint16_t partitions) {
    middle::StorageInfo info;
    info.partitions = partitions;
    info.incarnation = middle::Incarnation("0123456789abcdef");
    return info;
  }

  std::unique_ptr<middle::PartitionStore> partitions_;
  std::unique_ptr<middle::Directory> directory_;
};

class TextFile final : public ByteSink {
 public:
  Status write(BytesView bytes) override {
    text.append(bytes);
    return {};
  }
  Bytes text;
};

class TransferTest : public testing::Test {
 protected:
  Environment environment() {
    return {thread_.loop(), clock_, system_random(), null_log(), metrics_};
  }

  static middle::Head open(BackEnds& ends, middle::PartitionId partition,
                           const std::string& writer) {
    return wait_for<middle::Head>([&](auto done) {
             ends.partitions().open(partition, middle::WriterId(writer), std::move(done));
           })
        .value();
  }
  static middle::Head head(BackEnds& ends, middle::PartitionId partition) {
    return wait_for<middle::Head>(
               [&](auto done) { ends.partitions().head(partition, std::move(done)); })
        .value();
  }
  // As a server would, which takes the partition over for it.
  static void write(BackEnds& ends, middle::PartitionId partition,
                    std::vector<middle::RowWrite> rows, const Bytes& state = "state") {
    const middle::Head now = open(ends, partition, "server");
    auto batch = std::make_shared<const middle::Batch>(
        middle::Batch{now.stamp + std::chrono::milliseconds(1), state, std::move(rows)});
    ASSERT_EQ(wait_for<middle::CommitOutcome>([&](auto done) {
                ends.partitions().commit(partition, middle::WriterId("server"), now.position + 1,
                                         batch, std::move(done));
              }).value(),
              middle::CommitOutcome::kDone);
  }
  static std::vector<middle::Row> rows(BackEnds& ends, middle::PartitionId partition) {
    return wait_for<std::vector<middle::Row>>([&](auto done) {
             middle::ScanRequest all;
             all.to = "\xff";
             ends.partitions().scan(partition, all, std::move(done));
           })
        .value();
  }
  static void load(BackEnds& ends, const middle::DirectoryRows& rows) {
    ASSERT_TRUE(
        wait_for<void>([&](auto done) { ends.directory().load(rows, std::move(done)); }).ok());
  }
  static std::vector<middle::TopicRow> topics(BackEnds& ends) {
    return wait_for<std::vector<middle::TopicRow>>(
               [&](auto done) { ends.directory().list_topics({}, 100, std::move(done)); })
        .value();
  }
  // Rows in two partitions, of which one has expired, and a user with a roster.
  void fill(BackEnds& ends) {
    const Timestamp now = clock_.now();
    write(ends, 0, {{"b1", "body", now + std::chrono::hours(1)}, {"r1", "row", std::nullopt}});
    write(ends, 1, {{"b2", "gone", now + std::chrono::milliseconds(-1)}, {"b3", "now", now}},
          "state of 1");
    middle::DirectoryRows rows;
    middle::User user;
    user.account = middle::XmppAccount("ann");
    rows.users = {user};
    middle::RosterItem item;
    item.owner = user.account;
    item.contact = "bob@localhost";
    item.version = 7;
    rows.roster = {item};
    rows.counters = {{middle::AppId("1"), "2026-11-21", "sent", 5}};
    rows.roster_version = 9;
    load(ends, rows);
  }
  static void ignore(const std::string&) {}

  net::LoopThread thread_{"test"};
  Metrics metrics_;
  const MomentClock clock_{Timestamp{1'800'000'000'000}, system_clock()};
};

}  // namespace longwire::daemon
