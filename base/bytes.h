#pragma once

// Bytes, and the writer and reader of all stored rows and internal records: fixed big-endian
// integers (they sort), varints (they are short), length-prefixed strings.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace longwire {

using Bytes = std::string;           // owned bytes, not text
using BytesView = std::string_view;  // borrowed; does not outlive the call

// Appends to its own buffer. Not thread-safe.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t value);
  ByteWriter& u16(std::uint16_t value);     // big-endian
  ByteWriter& u32(std::uint32_t value);     // big-endian
  ByteWriter& u64(std::uint64_t value);     // big-endian
  ByteWriter& varint(std::uint64_t value);  // LEB128, at most 10 bytes
  ByteWriter& i64(std::int64_t value);      // zigzag varint
  ByteWriter& boolean(bool value);
  ByteWriter& string(BytesView value);  // varint length, then the bytes
  ByteWriter& raw(BytesView value);     // the bytes alone

  const Bytes& bytes() const& { return out_; }
  Bytes take() && { return std::move(out_); }

 private:
  Bytes out_;
};

// Reads what ByteWriter wrote. A short or malformed input sets a sticky failure: further reads
// return zeros and empty views, and status() tells kCorrupt. So a decoder reads all its fields and
// asks once. Views borrow from the input. Not thread-safe.
class ByteReader {
 public:
  explicit ByteReader(BytesView input) : rest_(input) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::uint64_t varint();
  std::int64_t i64();
  bool boolean();
  BytesView string();
  BytesView raw(std::size_t size);
  // A count of items to follow, refused (sticky failure) above `max` or above the bytes left.
  std::size_t count(std::size_t max);

  BytesView rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }
  // kCorrupt after a failed read, or where bytes are left over.
  Status finish() const;

 private:
  BytesView rest_;
  bool failed_ = false;
};

}  // namespace longwire
