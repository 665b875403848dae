#include "tests/bench/storage/commit_lines.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "base/random.h"

namespace longwire::bench {
namespace {

using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using Time = std::chrono::steady_clock;

constexpr std::size_t kValueBytes = 256;

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
  const std::vector<double>& waits_ms() const { return waits_ms_; }

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
                    waits_ms_.push_back(
                        std::chrono::duration<double, std::milli>(Time::now() - begun_).count());
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
  Time::time_point begun_;
  std::vector<double> waits_ms_;
  std::atomic<bool> stopping_ = false;
};

double part_of(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * part)];
}

}  // namespace

void print_heading() {
  std::printf("in flight rows/commit    commits/s       rows/s     p50 ms     p99 ms\n");
}

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
  std::vector<double> waits;
  for (auto& line : lines) {
    waits.insert(waits.end(), line->waits_ms().begin(), line->waits_ms().end());
  }
  std::sort(waits.begin(), waits.end());
  const auto commits = static_cast<double>(waits.size());
  std::printf("%9d %11d %12.0f %12.0f %10.2f %10.2f\n", load.in_flight, load.rows,
              commits / seconds, commits * load.rows / seconds, part_of(waits, 0.5),
              part_of(waits, 0.99));
  std::fflush(stdout);
}

}  // namespace longwire::bench
