// How many durable commits and rows a second the embedded store takes.
//
//   storage_bench <empty directory> [seconds per line]
//
// Each of N partitions keeps one commit in flight: that is all a partition may have, so N is the
// number in flight. Rows are of 256 bytes; every commit is synced before it is answered.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "storage/embedded/embedded_store.h"

namespace longwire::bench {
namespace {

using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using Time = std::chrono::steady_clock;

constexpr std::uint16_t kPartitions = 64;
constexpr std::size_t kValueBytes = 256;

struct Load {
  int in_flight = 1;
  int rows = 1;
  std::chrono::milliseconds time{2000};
};

// One partition's line of commits, each begun by the answer to the one before.
class Line {
 public:
  Line(middle::PartitionStore& store, PartitionId partition, int rows, std::atomic<int>& running)
      : store_(store), partition_(partition), rows_(rows), running_(running) {
    // Half of it compresses, as JSON does.
    value_ = system_random().bytes(kValueBytes / 2) + Bytes(kValueBytes / 2, 'x');
  }

  void start() {
    store_.open(partition_, writer_, [this](Result<Head> head) {
      head_ = head.value();
      next();
    });
  }
  void stop() { stopping_ = true; }
  std::uint64_t commits() const { return commits_; }
  double mean_ms() const { return waited_.count() / static_cast<double>(commits_) * 1000; }

 private:
  void next() {
    if (stopping_) {
      --running_;
      running_.notify_all();
      return;
    }
    ++head_.position;
    head_.stamp.ms += 1;
    middle::Batch batch{head_.stamp, "state of the owner", {}};
    for (int i = 0; i < rows_; ++i) {
      batch.rows.push_back({ByteWriter().u64(++key_).bytes(), value_, std::nullopt});
    }
    begun_ = Time::now();
    store_.commit(partition_, writer_, head_.position,
                  std::make_shared<const middle::Batch>(std::move(batch)),
                  [this](Result<CommitOutcome> result) {
                    CHECK(result.value() == CommitOutcome::kDone);
                    waited_ += Time::now() - begun_;
                    ++commits_;
                    next();
                  });
  }

  middle::PartitionStore& store_;
  const PartitionId partition_;
  const int rows_;
  std::atomic<int>& running_;
  const middle::WriterId writer_{system_random().bytes(16)};
  Bytes value_;
  Head head_;
  std::uint64_t key_ = 0;
  std::uint64_t commits_ = 0;
  Time::time_point begun_;
  std::chrono::duration<double> waited_{0};
  std::atomic<bool> stopping_ = false;
};

void measure(middle::PartitionStore& store, const Load& load) {
  std::atomic<int> running = load.in_flight;
  std::vector<std::unique_ptr<Line>> lines;
  for (int i = 0; i < load.in_flight; ++i) {
    lines.push_back(std::make_unique<Line>(store, static_cast<PartitionId>(i), load.rows, running));
  }
  const auto begun = Time::now();
  for (auto& line : lines) line->start();
  std::this_thread::sleep_for(load.time);
  for (auto& line : lines) line->stop();
  for (int left = running; left != 0; left = running) running.wait(left);
  const double seconds = std::chrono::duration<double>(Time::now() - begun).count();
  double commits = 0;
  double mean_ms = 0;
  for (auto& line : lines) {
    commits += static_cast<double>(line->commits());
    mean_ms += line->mean_ms() / load.in_flight;
  }
  std::printf("%9d %11d %12.0f %12.0f %10.2f\n", load.in_flight, load.rows, commits / seconds,
              commits * load.rows / seconds, mean_ms);
}

int run(const std::string& path, std::chrono::milliseconds time) {
  storage::EmbeddedStoreOptions options;
  options.path = path;
  options.create_with.emplace();
  options.create_with->partitions = kPartitions;
  auto store = storage::open_embedded_store(options, system_clock(), null_log());
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    return 1;
  }
  std::printf("in flight rows/commit    commits/s       rows/s    mean ms\n");
  for (const int rows : std::array{1, 32}) {
    for (const int in_flight : std::array{1, 4, 16, 64}) {
      measure(**store, {in_flight, rows, time});
    }
  }
  return 0;
}

}  // namespace
}  // namespace longwire::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: storage_bench <empty directory> [seconds per line]\n");
    return 2;
  }
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 2;
  return longwire::bench::run(argv[1], std::chrono::seconds(seconds));
}
