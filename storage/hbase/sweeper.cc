#include "storage/hbase/sweeper.h"

#include <algorithm>
#include <utility>

#include "storage/hbase/format.h"

namespace longwire::storage::hbase {

Sweeper::Sweeper(const Options& options, GatewayList& gateways, const Clock& clock,
                 const Partitions& partitions)
    : options_(options), gateways_(gateways), clock_(clock), partitions_(partitions) {
  if (options.sweep_every.count() > 0) thread_ = std::thread([this] { run(); });
}

Sweeper::~Sweeper() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Sweeper::stop() {
  *stopping_.lock() = true;
  stopped_.notify_all();
}

bool Sweeper::pause(std::chrono::milliseconds time) {
  auto stopping = stopping_.lock();
  return !stopped_.wait_for(stopping.mutex_lock(), time, [&] { return *stopping; });
}

void Sweeper::run() {
  Link link(options_, gateways_, clock_);
  for (;;) {
    const MonotonicTime begun = clock_.monotonic();
    for (const auto& partition : partitions_) {
      if (partition->owned() && !sweep(link, *partition)) return;
    }
    const MonotonicTime rest = options_.sweep_every - (clock_.monotonic() - begun);
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(rest);
    if (!pause(std::max(whole, options_.sweep_pause))) return;
  }
}

// An error ends the pass over this partition: the next comes. False: the sweeper ends.
bool Sweeper::sweep(Link& link, const PartitionLog& partition) {
  std::optional<Bytes> from = row_key(partition.partition(), "");
  while (from) {
    auto next = sweep_page(link, partition, *from);
    from = next ? std::move(*next) : std::nullopt;
    if (!pause(options_.sweep_pause)) return false;
  }
  return true;
}

Result<std::optional<Bytes>> Sweeper::sweep_page(Link& link, const PartitionLog& partition,
                                                 const Bytes& from) const {
  const auto rows_max = static_cast<std::size_t>(options_.sweep_rows);
  Bytes end = row_key(static_cast<middle::PartitionId>(partition.partition() + 1), "");
  const TableScan scan{from, std::move(end), rows_max, false, {}};
  auto page = link.repeated(
      [&](GatewayConnection& gateway) { return gateway.scan(options_.rows_table(), scan); });
  if (!page) return std::move(page).error();
  std::optional<Bytes> next;
  if (page->size() == rows_max) next = page->back().key + Bytes(1, '\0');
  std::erase_if(*page, [this](const StoredRow& row) {
    return row.cells.empty() || !is_dead(row.cells.front());
  });
  if (page->empty()) return next;
  TRY(link.repeated([&](GatewayConnection& gateway) {
    return gateway.delete_cells(options_.rows_table(), *page);
  }));
  return next;
}

// An expired row is kept as long as a removal is: until no older write of its key can be on its
// way.
bool Sweeper::is_dead(const Cell& cell) const {
  const auto row = decode_row(cell.value);
  if (!row || !row->expires) return false;
  const Timestamp written{cell.stamp};
  const Timestamp until =
      row->removed ? *row->expires : std::max(*row->expires, written + options_.removed_kept);
  return until < clock_.now();
}

}  // namespace longwire::storage::hbase
