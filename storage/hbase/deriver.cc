#include "storage/hbase/deriver.h"

#include <algorithm>

namespace longwire::storage::hbase {

Deriver::Deriver(const Options& options, GatewayList& gateways, const Clock& clock, LogSink& log)
    : options_(options), gateways_(gateways), clock_(clock), log_(log, "hbase") {
  for (std::int64_t i = 0; i < options.derive_connections; ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

Deriver::~Deriver() {
  stop();
  for (auto& thread : threads_) thread.join();
}

void Deriver::stop() {
  queue_.lock()->stopping = true;
  changed_.notify_all();
  stopped_.notify_all();
}

// False: nobody need be told.
bool Deriver::add(Queue& queue, PartitionLog& partition) {
  if (!queue.queued.insert(&partition).second) return false;
  queue.waiting.push_back(&partition);
  return !queue.gathering;
}

void Deriver::wake(PartitionLog& partition) {
  if (add(*queue_.lock(), partition)) changed_.notify_one();
}

std::optional<Deriver::Round> Deriver::next() {
  auto queue = queue_.lock();
  for (;;) {
    changed_.wait(queue.mutex_lock(), [&] {
      return queue->stopping || (!queue->waiting.empty() && !queue->gathering);
    });
    queue->gathering = true;
    stopped_.wait_for(queue.mutex_lock(), queue->not_before - clock_.monotonic(),
                      [&] { return queue->stopping; });
    queue->gathering = false;
    if (queue->stopping) return std::nullopt;
    Round round = gather(*queue);
    if (!queue->waiting.empty()) changed_.notify_one();  // another thread's
    if (!round.empty()) return round;
  }
}

Deriver::Round Deriver::gather(Queue& queue) {
  const auto rows_max = static_cast<std::size_t>(options_.derive_rows_max);
  const auto bytes_max = static_cast<std::size_t>(options_.derive_bytes_max);
  Round round;
  std::size_t rows = 0;
  std::size_t bytes = 0;
  bool alone = false;
  while (!queue.waiting.empty() && rows < rows_max && bytes < bytes_max && !alone) {
    PartitionLog* partition = queue.waiting.front();
    alone = queue.failed.contains(partition);
    if (alone && !round.empty()) return round;
    queue.waiting.pop_front();
    queue.queued.erase(partition);
    auto batches = partition->take_underived(rows_max, bytes_max);
    if (!batches) continue;
    rows += batches->rows;
    bytes += batches->bytes;
    round.push_back({partition, std::move(*batches)});
  }
  const bool all = queue.waiting.empty() && rows < rows_max && bytes < bytes_max;
  if (all && !round.empty()) queue.not_before = clock_.monotonic() + options_.derive_every;
  return round;
}

void Deriver::derive(Link& link, const Round& round) {
  std::vector<StoredRow> rows;
  for (const Work& part : round) {
    append_derived(part.partition->partition(), part.batches.batches, options_.removed_kept, rows);
  }
  const Status done = rows.empty() ? Status() : put_derived(link, options_, std::move(rows));
  if (!done.ok()) pause(done.error());
  settle(round, done.ok());
}

// After a failure: what is committed stays so, and waits.
void Deriver::pause(const Error& error) {
  auto queue = queue_.lock();
  if (!std::exchange(queue->failing, true)) {
    log_.warn("cannot_derive", {{"error", error.message}});
  }
  const auto wait = std::max(options_.backoff_min, error.retry_after);
  stopped_.wait_for(queue.mutex_lock(), wait, [&] { return queue->stopping; });
}

void Deriver::settle(const Round& round, bool done) {
  std::vector<PartitionLog*> again;
  for (const Work& part : round) {
    if (part.partition->derived(part.batches, done)) again.push_back(part.partition);
  }
  auto queue = queue_.lock();
  for (const Work& part : round) queue->failed.erase(part.partition);
  bool tell = false;
  for (PartitionLog* partition : again) {
    if (!done) queue->failed.insert(partition);
    tell = add(*queue, *partition) || tell;
  }
  if (tell) changed_.notify_one();
  if (queue->failed.empty() && std::exchange(queue->failing, false)) log_.info("derives_again");
}

void Deriver::run() {
  Link link(options_, gateways_, clock_);
  while (const auto round = next()) derive(link, *round);
}

}  // namespace longwire::storage::hbase
