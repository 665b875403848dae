#include "storage/hbase/row_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/hbase/format.h"
#include "storage/hbase/table_pages.h"

namespace longwire::storage::hbase {
namespace {

using middle::Row;
using middle::ScanRequest;

// Gathers the answer of a scan.
class Answer {
 public:
  explicit Answer(const ScanRequest& request) : request_(request) {}

  // False: it was full.
  bool take(const Bytes& key, const Bytes& value, std::optional<Timestamp> expires) {
    const std::size_t size = key.size() + value.size();
    if (rows_.size() >= request_.rows_max) return false;
    if (!rows_.empty() && bytes_ + size > request_.bytes_max) return false;
    bytes_ += size;
    rows_.push_back({key, value, expires});
    return true;
  }
  std::vector<Row> rows() && { return std::move(rows_); }

 private:
  const ScanRequest& request_;
  std::vector<Row> rows_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<RowValues> RowReader::get(Link& link, PartitionLog& partition,
                                 const std::vector<Bytes>& keys) const {
  const Timestamp now = clock_.now();
  RowValues values(keys.size());
  auto asked = partition.over(link, [&](const Overlay& overlay) {
    std::vector<std::size_t> stored;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const Overlay::Entry* entry = overlay.find(keys[i]);
      if (entry == nullptr) {
        if (keys[i].size() <= kKeyBytesMax) stored.push_back(i);
      } else if (!expired(entry->row->expires, now)) {
        values[i] = entry->row->value;
      }
    }
    return stored;
  });
  if (!asked) return std::move(asked).error();
  TRY(get_stored(link, partition.partition(), keys, *asked, values));
  return values;
}

Status RowReader::get_stored(Link& link, middle::PartitionId partition,
                             const std::vector<Bytes>& keys, const std::vector<std::size_t>& asked,
                             RowValues& values) const {
  const Timestamp now = clock_.now();
  const auto page = static_cast<std::size_t>(options_.get_rows_max);
  for (std::size_t from = 0; from < asked.size(); from += page) {
    const std::size_t to = std::min(from + page, asked.size());
    std::vector<Bytes> rows;
    for (std::size_t i = from; i < to; ++i) rows.push_back(row_key(partition, keys[asked[i]]));
    const auto found = link.repeated(
        [&](GatewayConnection& gateway) { return gateway.get_rows(options_.rows_table(), rows); });
    if (!found) return found.error();
    if (found->size() != rows.size()) {
      return Error{ErrorCode::kUnavailable, "a gateway's answer is short"};
    }
    for (std::size_t i = from; i < to; ++i) {
      const StoredRow& row = (*found)[i - from];
      if (row.cells.empty()) continue;
      const auto value = decode_row(row.cells.front().value);
      if (!value) return value.error();
      if (!value->removed && !expired(value->expires, now)) values[asked[i]] = Bytes(value->value);
    }
  }
  return {};
}

// Two lines in one order; where both have a key, what is not derived is the newer.
Result<std::vector<Row>> RowReader::scan(Link& link, PartitionLog& partition,
                                         const ScanRequest& request) const {
  const Timestamp now = clock_.now();
  const auto recent =
      partition.over(link, [&](const Overlay& overlay) { return overlay.range(request, now); });
  if (!recent) return recent.error();
  TablePages pages({link, options_, clock_, partition.partition()}, request, now);
  Answer answer(request);
  for (auto next = recent->begin();;) {
    const auto stored = pages.peek();
    if (!stored) return stored.error();
    const PageRow* row = *stored;
    if (row == nullptr && next == recent->end()) break;
    const bool same = row != nullptr && next != recent->end() && row->key == next->row->key;
    const bool table_first =
        next == recent->end() || (row != nullptr && (request.reverse ? row->key > next->row->key
                                                                     : row->key < next->row->key));
    if (table_first) {
      if (!answer.take(row->key, row->value, row->expires)) break;
      pages.advance();
      continue;
    }
    const middle::RowWrite& write = *next->row;
    const bool live = write.value && !expired(write.expires, now);
    if (live && !answer.take(write.key, *write.value, middle::stored_expiry(write.expires))) break;
    if (same) pages.advance();
    ++next;
  }
  return std::move(answer).rows();
}

}  // namespace longwire::storage::hbase
