#include "base/bytes.h"

#include <type_traits>

namespace longwire {
namespace {

constexpr std::size_t kVarintBytesMax = 10;

template <typename T>
void append_big_endian(T value, Bytes& out) {
  for (std::size_t i = sizeof(T); i-- > 0;) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i))));
  }
}

template <typename T>
T big_endian(BytesView bytes) {
  T value = 0;
  for (char byte : bytes) value = static_cast<T>((value << 8) | static_cast<std::uint8_t>(byte));
  return value;
}

}  // namespace

ByteWriter& ByteWriter::u8(std::uint8_t value) {
  out_.push_back(static_cast<char>(value));
  return *this;
}

ByteWriter& ByteWriter::u16(std::uint16_t value) {
  append_big_endian(value, out_);
  return *this;
}

ByteWriter& ByteWriter::u32(std::uint32_t value) {
  append_big_endian(value, out_);
  return *this;
}

ByteWriter& ByteWriter::u64(std::uint64_t value) {
  append_big_endian(value, out_);
  return *this;
}

ByteWriter& ByteWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>(static_cast<std::uint8_t>(value | 0x80)));
    value >>= 7;
  }
  out_.push_back(static_cast<char>(value));
  return *this;
}

ByteWriter& ByteWriter::i64(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return varint((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

ByteWriter& ByteWriter::boolean(bool value) { return u8(value ? 1 : 0); }

ByteWriter& ByteWriter::string(BytesView value) { return varint(value.size()).raw(value); }

ByteWriter& ByteWriter::raw(BytesView value) {
  out_.append(value);
  return *this;
}

BytesView ByteReader::raw(std::size_t size) {
  if (failed_ || size > rest_.size()) {
    failed_ = true;
    return {};
  }
  const BytesView taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint8_t ByteReader::u8() { return big_endian<std::uint8_t>(raw(1)); }
std::uint16_t ByteReader::u16() { return big_endian<std::uint16_t>(raw(2)); }
std::uint32_t ByteReader::u32() { return big_endian<std::uint32_t>(raw(4)); }
std::uint64_t ByteReader::u64() { return big_endian<std::uint64_t>(raw(8)); }

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kVarintBytesMax && !failed_; ++i) {
    const std::uint8_t byte = u8();
    if (failed_) return 0;
    // One value has one form: no bits above the 64th, no zero byte at the end.
    if (i + 1 == kVarintBytesMax && byte > 1) break;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      if (byte == 0 && i > 0) break;
      return value;
    }
  }
  failed_ = true;
  return 0;
}

std::int64_t ByteReader::i64() {
  const std::uint64_t bits = varint();
  return static_cast<std::int64_t>((bits >> 1) ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0));
}

bool ByteReader::boolean() {
  const std::uint8_t byte = u8();
  if (byte > 1) failed_ = true;
  return !failed_ && byte == 1;
}

BytesView ByteReader::string() {
  const std::uint64_t size = varint();
  return raw(static_cast<std::size_t>(size));
}

std::size_t ByteReader::count(std::size_t max) {
  const std::uint64_t items = varint();
  if (failed_ || items > max || items > rest_.size()) {
    failed_ = true;
    return 0;
  }
  return static_cast<std::size_t>(items);
}

Status ByteReader::finish() const {
  if (failed_) return Error{ErrorCode::kCorrupt, "record is cut short or malformed"};
  if (!rest_.empty()) return Error{ErrorCode::kCorrupt, "record has bytes left over"};
  return {};
}

}  // namespace longwire
