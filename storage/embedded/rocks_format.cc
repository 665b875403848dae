#include "storage/embedded/rocks_format.h"

#include <algorithm>
#include <string>
#include <utility>

namespace longwire::storage {
namespace {

constexpr std::uint16_t kHeads = 0xFFFE;
constexpr std::uint16_t kMeta = 0xFFFF;
constexpr unsigned char kReservedFrom = 0xFF;  // first byte of what is no row
constexpr std::uint8_t kHeadVersion = 1;
constexpr std::size_t kExpiresBytes = 8;

void append_u16(std::uint16_t value, Bytes& out) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xFF));
}

}  // namespace

Bytes row_prefix(middle::PartitionId partition) { return ByteWriter().u16(partition).bytes(); }

void make_row_key(middle::PartitionId partition, BytesView key, Bytes& out) {
  out.clear();
  append_u16(partition, out);
  out.append(key);
}

void make_row_value(BytesView value, std::optional<Timestamp> expires, Bytes& out) {
  out.clear();
  // An expiry at or before 1970 must not read as "never".
  const std::uint64_t ms =
      expires ? static_cast<std::uint64_t>(std::max<std::int64_t>(expires->ms, 1)) : 0;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(ms >> shift & 0xFF));
  out.append(value);
}

bool is_row_key(BytesView stored_key) {
  return !stored_key.empty() && static_cast<unsigned char>(stored_key[0]) < kReservedFrom;
}

Result<BytesView> row_value(BytesView stored) {
  if (stored.size() < kExpiresBytes) return Error{ErrorCode::kCorrupt, "stored row too short"};
  return stored.substr(kExpiresBytes);
}

std::optional<Timestamp> row_expires(BytesView stored) {
  const std::uint64_t ms = ByteReader(stored).u64();
  if (ms == 0) return std::nullopt;
  return Timestamp{static_cast<std::int64_t>(ms)};
}

Bytes head_key(middle::PartitionId partition) {
  return ByteWriter().u16(kHeads).u16(partition).bytes();
}

Bytes encode_head(const middle::Head& head) {
  ByteWriter writer;
  writer.u8(kHeadVersion).varint(head.position).string(head.writer.value()).i64(head.stamp.ms);
  writer.string(head.state).string(head.previous_writer.value()).varint(head.previous_position);
  return std::move(writer).take();
}

Result<middle::Head> decode_head(BytesView stored) {
  ByteReader reader(stored);
  if (reader.u8() > kHeadVersion) {
    return Error{ErrorCode::kUnsupported, "a partition's head is of a newer format"};
  }
  middle::Head head;
  head.position = reader.varint();
  head.writer = middle::WriterId(std::string(reader.string()));
  head.stamp = {reader.i64()};
  head.state = Bytes(reader.string());
  head.previous_writer = middle::WriterId(std::string(reader.string()));
  head.previous_position = reader.varint();
  TRY(reader.finish());
  return head;
}

Bytes info_key() { return ByteWriter().u16(kMeta).raw("info").bytes(); }

}  // namespace longwire::storage
