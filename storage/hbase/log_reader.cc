#include "storage/hbase/log_reader.h"

#include <algorithm>
#include <map>
#include <utility>

namespace longwire::storage::hbase {
namespace {

using middle::Position;

constexpr Position kPositionsPerPage = 16;
constexpr int kTriesMax = 20;

Error moved() { return {ErrorCode::kUnavailable, "the partition's log moved while it was read"}; }

}  // namespace

Result<StoredHead> LogReader::head(Link& link) const {
  auto cells = link.repeated([&](GatewayConnection& gateway) {
    return gateway.get(options_.log_table(), log_row(partition_), {kHeadCell});
  });
  if (!cells) return std::move(cells).error();
  StoredHead head;
  if (cells->empty()) return head;
  auto log = decode_head(cells->front().value);
  if (!log) return std::move(log).error();
  head.log = std::move(*log);
  head.bytes = std::move(cells->front().value);
  return head;
}

// A slot that does not hold what the head says is an error only where the head has not moved.
Result<StoredLog> LogReader::log(Link& link) const {
  Bytes torn;
  for (int i = 0; i < kTriesMax; ++i) {
    StoredLog log;
    auto stored = head(link);
    if (!stored) return std::move(stored).error();
    log.head = std::move(*stored);
    const auto whole = read_batches(link, log);
    if (!whole) return whole.error();
    if (*whole) return log;
    if (log.head.bytes == torn) return Error{ErrorCode::kCorrupt, "a committed batch is missing"};
    torn = log.head.bytes;
  }
  return moved();
}

Result<bool> LogReader::read_batches(Link& link, StoredLog& log) const {
  const Position end = log.head.log.head.position + 1;
  for (Position from = log.head.log.underived; from < end; from += kPositionsPerPage) {
    auto whole = read_page(link, from, std::min(from + kPositionsPerPage, end), log);
    if (!whole || !*whole) return whole;
  }
  return true;
}

Result<bool> LogReader::read_page(Link& link, Position from, Position to, StoredLog& log) const {
  std::vector<Bytes> names;
  for (Position position = from; position < to; ++position) names.push_back(slot_cell(position, 0));
  const auto cells = link.repeated([&](GatewayConnection& gateway) {
    return gateway.get(options_.log_table(), log_row(partition_), names);
  });
  if (!cells) return cells.error();
  std::map<BytesView, BytesView> found;
  for (const Cell& cell : *cells) found.emplace(cell.qualifier, cell.value);
  for (Position position = from; position < to; ++position) {
    const BytesView stored = found[names[position - from]];
    if (stored.empty()) return false;
    const auto first = decode_part(stored);
    if (!first) return first.error();
    if (first->position != position) return false;
    auto bytes = rest_of(link, *first);
    if (!bytes) return std::move(bytes).error();
    if (bytes->empty()) return false;
    auto batch = decode_batch(*bytes);
    if (!batch) return std::move(batch).error();
    log.batches.push_back({position, std::make_shared<const middle::Batch>(std::move(*batch)),
                           bytes->size(), first->parts});
  }
  return true;
}

// All bytes of a batch; empty where a part is not there any more.
Result<Bytes> LogReader::rest_of(Link& link, const BatchPart& first) const {
  Bytes bytes(first.bytes);
  if (first.parts == 1) return bytes;
  std::vector<Bytes> names;
  for (std::size_t part = 1; part < first.parts; ++part) {
    names.push_back(slot_cell(first.position, part));
  }
  const auto cells = link.repeated([&](GatewayConnection& gateway) {
    return gateway.get(options_.log_table(), log_row(partition_), names);
  });
  if (!cells) return cells.error();
  if (cells->size() != names.size()) return Bytes();
  for (const Cell& cell : *cells) {  // in the order of their qualifiers
    if (cell.value.empty()) return Bytes();
    const auto part = decode_part(cell.value);
    if (!part) return part.error();
    if (part->position != first.position) return Bytes();
    bytes.append(part->bytes);
  }
  return bytes;
}

}  // namespace longwire::storage::hbase
