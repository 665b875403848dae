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

void Deriver::wake(PartitionLog& partition) {
  {
    auto queue = queue_.lock();
    if (!queue->queued.insert(&partition).second) return;
    queue->waiting.push_back(&partition);
    if (queue->gathering) return;
  }
  changed_.notify_one();
}

std::optional<std::vector<PartitionLog*>> Deriver::next() {
  auto queue = queue_.lock();
  changed_.wait(queue.mutex_lock(),
                [&] { return queue->stopping || (!queue->waiting.empty() && !queue->gathering); });
  queue->gathering = true;
  stopped_.wait_for(queue.mutex_lock(), queue->not_before - clock_.monotonic(),
                    [&] { return queue->stopping; });
  queue->gathering = false;
  if (queue->stopping) return std::nullopt;
  queue->not_before = clock_.monotonic() + options_.derive_every;
  std::vector<PartitionLog*> partitions(queue->waiting.begin(), queue->waiting.end());
  queue->waiting.clear();
  queue->queued.clear();
  return partitions;
}

std::vector<Deriver::Work> Deriver::gather(const std::vector<PartitionLog*>& partitions) {
  const auto rows_max = static_cast<std::size_t>(options_.derive_rows_max);
  const auto bytes_max = static_cast<std::size_t>(options_.derive_bytes_max);
  std::vector<Work> work;
  for (PartitionLog* partition : partitions) {
    auto batches = partition->take_underived(rows_max, bytes_max);
    if (batches) work.push_back({partition, std::move(*batches)});
  }
  return work;
}

void Deriver::derive(Link& link, const std::vector<Work>& work) {
  std::vector<StoredRow> rows;
  for (const Work& part : work) {
    append_derived(part.partition->partition(), part.batches.batches, options_.removed_kept, rows);
  }
  const Status done = rows.empty() ? Status() : put_derived(link, options_, std::move(rows));
  if (!done.ok()) pause(done.error());
  for (const Work& part : work) {
    if (part.partition->derived(part.batches, done.ok())) wake(*part.partition);
  }
  if (!done.ok()) return;
  if (std::exchange(queue_.lock()->failing, false)) log_.info("derives_again");
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

void Deriver::run() {
  Link link(options_, gateways_, clock_);
  while (auto partitions = next()) {
    const std::vector<Work> work = gather(*partitions);
    if (!work.empty()) derive(link, work);
  }
}

}  // namespace longwire::storage::hbase
