// A process for hbase_test.py: commits to HBase while the test kills what it likes, and looks
// afterwards whether all is there.
//
//   hbase_commit_writer write PREFIX    makes the storage and commits without end; "PARTITION
//   COUNT"
//                                       on stdout once a partition's commit COUNT is acknowledged
//   hbase_commit_writer verify PREFIX   takes all over; "PARTITION COUNT" as found, where the
//   counts
//                                       1, 2, 3, … are each there once and in order; else what is
//                                       not

#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "tests/contract/hbase_fixture.h"

namespace longwire::test {
namespace {

constexpr PartitionId kBusy = 4;
constexpr std::chrono::milliseconds kPause{20};  // between two tries of the same

hbase::Options options_for(const std::string& prefix) {
  hbase::Options options;
  options.gateways = {hbase_gateway().value()};
  options.table_prefix = prefix;
  options.regions = 1;
  options.call_timeout = std::chrono::seconds(10);
  options.create_with = contract_storage_info();
  return options;
}

void say(PartitionId partition, std::uint64_t count) {
  std::printf("%d %" PRIu64 "\n", int{partition}, count);
  std::fflush(stdout);
}

// A partition's line of commits, each repeated until it is answered.
class Line {
 public:
  Line(middle::PartitionStore& store, PartitionId partition)
      : store_(store), partition_(partition) {}

  bool run() {
    const WriterId writer("writer");
    const auto head = at_last<Head>(
        [&](Callback<Head> done) { store_.open(partition_, writer, std::move(done)); });
    if (!head.ok()) return false;
    Timestamp stamp = head->stamp;
    Position position = head->position;
    for (std::uint64_t count = 1;; ++count) {
      ++position;
      stamp.ms += 1;
      const Bytes value = ByteWriter().u64(count).bytes();
      const auto batch = std::make_shared<const Batch>(
          Batch{stamp,
                value,
                {{"n" + ByteWriter().u64(position).bytes(), value, {}}, {"last", value, {}}}});
      const auto outcome = at_last<CommitOutcome>([&](Callback<CommitOutcome> done) {
        store_.commit(partition_, writer, position, batch, std::move(done));
      });
      if (!outcome.ok() || *outcome != CommitOutcome::kDone) return false;
      say(partition_, count);
    }
  }

 private:
  template <typename T, typename Call>
  Result<T> at_last(Call call) {
    for (;;) {
      auto result = ask<T>(call);
      if (result.ok() || !may_retry(result.error())) return result;
      std::promise<void> never;
      (void)never.get_future().wait_for(kPause);
    }
  }

  middle::PartitionStore& store_;
  const PartitionId partition_;
};

int write_forever(middle::PartitionStore& store) {
  std::vector<std::future<bool>> lines;
  for (PartitionId partition = 0; partition < kBusy; ++partition) {
    lines.push_back(std::async(std::launch::async,
                               [&store, partition] { return Line(store, partition).run(); }));
  }
  for (auto& line : lines) line.wait();
  std::fprintf(stderr, "a commit was refused for good\n");
  return 1;
}

// How many commits are there; empty: not each once, or not in order.
std::optional<std::uint64_t> count_of(middle::PartitionStore& store, PartitionId partition) {
  std::uint64_t count = 0;
  Bytes from = "n";
  for (;;) {
    const middle::ScanRequest request{.from = from, .to = "o", .rows_max = 1000};
    const auto rows =
        ask<std::vector<Row>>([&](auto done) { store.scan(partition, request, std::move(done)); });
    if (!rows.ok()) return std::nullopt;
    if (rows->empty()) break;
    for (const Row& row : *rows) {
      if (ByteReader(row.value).u64() != ++count) return std::nullopt;
    }
    from = rows->back().key + Bytes(1, '\0');
  }
  const auto last =
      ask<Values>([&](auto done) { store.get(partition, {"last"}, std::move(done)); });
  const bool right = last.ok() && last->front() && ByteReader(*last->front()).u64() == count;
  return right ? std::optional(count) : std::nullopt;
}

int verify(middle::PartitionStore& store) {
  for (PartitionId partition = 0; partition < kBusy; ++partition) {
    // As one that does not own it, then as the owner.
    const auto before = count_of(store, partition);
    const auto head =
        ask<Head>([&](auto done) { store.open(partition, WriterId("verifier"), std::move(done)); });
    const auto count = count_of(store, partition);
    if (!head.ok() || !count || count != before || head->position != *count + 2) {
      std::fprintf(stderr, "partition %d is not one line of commits\n", int{partition});
      return 1;
    }
    say(partition, *count);
  }
  return 0;
}

}  // namespace
}  // namespace longwire::test

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto store = longwire::storage::hbase::open_store(
      longwire::test::options_for(argv[2]), longwire::system_clock(), longwire::null_log(),
      longwire::unseen_metrics());
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    return 1;
  }
  if (std::strcmp(argv[1], "verify") == 0) return longwire::test::verify(**store);
  return longwire::test::write_forever(**store);
}
