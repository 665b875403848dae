#include "storage/hbase/table_pages.h"

#include <algorithm>
#include <utility>

#include "storage/hbase/format.h"
#include "storage/hbase/overlay.h"

namespace longwire::storage::hbase {
namespace {

constexpr std::size_t kFirstPageRows = 32;
constexpr std::size_t kPageRowsMax = 2000;
constexpr std::size_t kPageBytes = 1024 * 1024;
constexpr std::size_t kRowOverhead = 32;

Bytes clamped(Bytes row) {
  if (row.size() > kKeyBytesMax + 2) row.resize(kKeyBytesMax + 2);
  return row;
}

// A row key below `row`, with next to nothing in between: what a reversed scan stops before.
Bytes just_below(Bytes row) {
  const auto last = static_cast<unsigned char>(row.back());
  if (last == 0) {
    row.pop_back();
    return row;
  }
  row.back() = static_cast<char>(last - 1);
  return row.append(8, '\xff');
}

}  // namespace

// HBase's reversed scans include the row they start at; it lies outside, so keep() drops it.
TablePages::TablePages(Source source, const middle::ScanRequest& request, Timestamp now)
    : source_(source),
      request_(request),
      now_(now),
      deadline_(source.clock.monotonic() + source.options.operation_timeout),
      page_rows_(std::min(request.rows_max, kFirstPageRows) + (request.reverse ? 1 : 0)) {
  const Bytes from = clamped(row_key(source.partition, request.from));
  const Bytes to = clamped(row_key(source.partition, request.to));
  first_ = from;
  start_ = request.reverse ? to : from;
  stop_ = request.reverse ? just_below(from) : to;
  ended_ = request.from >= request.to || request.rows_max == 0;
}

Result<const PageRow*> TablePages::peek() {
  while (next_ == page_.size() && !ended_) TRY(fetch());
  return next_ == page_.size() ? nullptr : &page_[next_];
}

Status TablePages::fetch() {
  if (source_.clock.monotonic() > deadline_) {
    return Error{ErrorCode::kDeadlineExceeded, "a scan takes too long"};
  }
  const TableScan scan{start_, stop_, page_rows_, request_.reverse, filter_of_values()};
  const auto page = source_.link.repeated(
      [&](GatewayConnection& gateway) { return gateway.scan(source_.options.rows_table(), scan); });
  if (!page) return page.error();
  page_.clear();
  next_ = 0;
  for (const StoredRow& stored : *page) TRY(keep(stored));
  plan(*page);
  return {};
}

Status TablePages::keep(const StoredRow& stored) {
  if (stored.cells.empty()) return {};
  if (request_.reverse && (stored.key >= start_ || stored.key < first_)) return {};
  const auto row = decode_row(stored.cells.front().value);
  if (!row) return row.error();
  if (row->removed || expired(row->expires, now_)) return {};
  page_.push_back({Bytes(key_of_row(stored.key)), Bytes(row->value), row->expires});
  return {};
}

// Where the next page begins, and how many rows of this size it may hold.
void TablePages::plan(const std::vector<StoredRow>& page) {
  ended_ = page.size() < page_rows_;
  if (ended_) return;
  const Bytes& last = page.back().key;
  start_ = request_.reverse ? last : last + Bytes(1, '\0');
  std::size_t bytes = 0;
  for (const StoredRow& row : page) {
    bytes += row.key.size() + kRowOverhead;
    for (const Cell& cell : row.cells) bytes += cell.value.size();
  }
  const std::size_t fitting = kPageBytes / (bytes / page.size());
  page_rows_ = std::clamp<std::size_t>(fitting, 2, std::min(kPageRowsMax, page_rows_ * 8));
}

}  // namespace longwire::storage::hbase
