#include "storage/hbase/format.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace longwire::storage::hbase {
namespace {

constexpr std::uint16_t kInfoRow = 0xFFFF;
constexpr std::uint8_t kHeadVersion = 1;
constexpr std::uint8_t kBatchVersion = 1;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kPartsMax = 255;
constexpr std::size_t kWritesMax = middle::kBatchBytesMax;

enum class Write : std::uint8_t { kRemoved = 0, kValue = 1, kExpiring = 2 };
enum class Kind : std::uint8_t { kRemoved = 0, kValue = 1 };

void encode_write(const middle::RowWrite& row, ByteWriter& writer) {
  const Write kind = !row.value ? Write::kRemoved : row.expires ? Write::kExpiring : Write::kValue;
  writer.u8(static_cast<std::uint8_t>(kind)).string(row.key);
  if (row.value) writer.string(*row.value);
  if (kind == Write::kExpiring) writer.i64(row.expires->ms);
}

Result<middle::RowWrite> decode_write(ByteReader& reader) {
  const auto kind = static_cast<Write>(reader.u8());
  if (kind > Write::kExpiring) return Error{ErrorCode::kCorrupt, "a stored batch's unknown write"};
  middle::RowWrite row;
  row.key = Bytes(reader.string());
  if (kind != Write::kRemoved) row.value = Bytes(reader.string());
  if (kind == Write::kExpiring) row.expires = Timestamp{reader.i64()};
  return row;
}

// A time before 1970 is the first moment after it.
std::uint64_t time_of(Timestamp time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(time.ms, 1));
}

}  // namespace

Bytes log_row(middle::PartitionId partition) { return ByteWriter().u16(partition).bytes(); }

Bytes encode_head(const LogHead& log) {
  const middle::Head& head = log.head;
  ByteWriter writer;
  writer.u8(kHeadVersion).varint(head.position).string(head.writer.value()).i64(head.stamp.ms);
  writer.string(head.previous_writer.value()).varint(head.previous_position);
  writer.varint(log.underived).string(head.state);
  return std::move(writer).take();
}

Result<LogHead> decode_head(BytesView stored) {
  ByteReader reader(stored);
  if (reader.u8() > kHeadVersion) {
    return Error{ErrorCode::kUnsupported, "a partition's head is of a newer format"};
  }
  LogHead log;
  log.head.position = reader.varint();
  log.head.writer = middle::WriterId(std::string(reader.string()));
  log.head.stamp = {reader.i64()};
  log.head.previous_writer = middle::WriterId(std::string(reader.string()));
  log.head.previous_position = reader.varint();
  log.underived = reader.varint();
  log.head.state = Bytes(reader.string());
  TRY(reader.finish());
  if (log.underived > log.head.position + 1 || log.head.position - log.underived + 1 > kSlots) {
    return Error{ErrorCode::kCorrupt, "a partition's head names batches that cannot be there"};
  }
  return log;
}

Bytes slot_cell(middle::Position position, std::size_t part) {
  ByteWriter writer;
  writer.raw("b").u16(static_cast<std::uint16_t>(position % kSlots));
  return std::move(writer.u8(static_cast<std::uint8_t>(part))).take();
}

std::vector<Cell> encode_batch(middle::Position position, const middle::Batch& batch) {
  ByteWriter whole;
  whole.i64(batch.stamp.ms).varint(batch.rows.size());
  for (const middle::RowWrite& row : batch.rows) encode_write(row, whole);
  const BytesView bytes = whole.bytes();
  const std::size_t parts = std::max<std::size_t>(1, (bytes.size() - 1) / kPartBytesMax + 1);
  CHECK(parts <= kPartsMax);
  std::vector<Cell> cells;
  for (std::size_t part = 0; part < parts; ++part) {
    ByteWriter value;
    value.u8(kBatchVersion).varint(position).u8(static_cast<std::uint8_t>(parts));
    value.raw(bytes.substr(part * kPartBytesMax, kPartBytesMax));
    cells.push_back({slot_cell(position, part), std::move(value).take(), 0});
  }
  return cells;
}

Result<BatchPart> decode_part(BytesView stored) {
  ByteReader reader(stored);
  if (reader.u8() > kBatchVersion) {
    return Error{ErrorCode::kUnsupported, "a stored batch is of a newer format"};
  }
  BatchPart part;
  part.position = reader.varint();
  part.parts = reader.u8();
  part.bytes = reader.rest();
  if (reader.failed() || part.parts == 0) {
    return Error{ErrorCode::kCorrupt, "a stored batch is cut short"};
  }
  return part;
}

Result<middle::Batch> decode_batch(BytesView bytes) {
  ByteReader reader(bytes);
  middle::Batch batch;
  batch.stamp = {reader.i64()};
  const std::size_t count = reader.count(kWritesMax);
  batch.rows.reserve(count);
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    auto row = decode_write(reader);
    if (!row) return std::move(row).error();
    batch.rows.push_back(std::move(*row));
  }
  TRY(reader.finish());
  return batch;
}

Bytes info_row() { return ByteWriter().u16(kInfoRow).bytes(); }

Bytes row_key(middle::PartitionId partition, BytesView key) {
  ByteWriter writer;
  writer.u16(partition).raw(key);
  return std::move(writer).take();
}

Bytes encode_row(const middle::RowWrite& row, Timestamp stamp,
                 std::chrono::milliseconds removed_kept) {
  ByteWriter writer;
  if (!row.value) {
    writer.u8(static_cast<std::uint8_t>(Kind::kRemoved)).u64(time_of(stamp + removed_kept));
  } else {
    writer.u8(static_cast<std::uint8_t>(Kind::kValue));
    writer.u64(row.expires ? time_of(*row.expires) : kNever).raw(*row.value);
  }
  return std::move(writer).take();
}

Result<RowValue> decode_row(BytesView stored) {
  ByteReader reader(stored);
  const auto kind = static_cast<Kind>(reader.u8());
  if (kind > Kind::kValue) {
    return Error{ErrorCode::kUnsupported, "a stored row is of a newer format"};
  }
  RowValue row;
  row.removed = kind == Kind::kRemoved;
  const std::uint64_t expires = reader.u64();
  if (expires != kNever) row.expires = Timestamp{static_cast<std::int64_t>(expires)};
  row.value = reader.rest();
  if (reader.failed()) return Error{ErrorCode::kCorrupt, "stored row too short"};
  return row;
}

Bytes filter_of_values() {
  return "ValueFilter(>=, 'binary:" + Bytes(1, static_cast<char>(Kind::kValue)) + "')";
}

std::size_t batch_bytes(const middle::Batch& batch) {
  std::size_t total = batch.state.size();
  for (const middle::RowWrite& row : batch.rows) {
    total += row.key.size() + (row.value ? row.value->size() : 0);
  }
  return total;
}

}  // namespace longwire::storage::hbase
