#pragma once

// Rows as structs: each table's owner has `Bytes encode(const Row&)` and
// `Status decode(BytesView, Row&)`.

#include <optional>

#include "base/result.h"
#include "middle/partition/transaction.h"

namespace longwire::middle {

// Rows begin with a byte of version; one above the newest known is refused, not guessed at.
inline Status check_row_version(ByteReader& reader, std::uint8_t newest) {
  const std::uint8_t version = reader.u8();
  if (version == 0) return Error{ErrorCode::kCorrupt, "row without a version"};
  if (version > newest) return Error{ErrorCode::kUnsupported, "row of a newer version"};
  return {};
}

// Empty: no such row, or not in memory (then the run does not count).
template <typename Row>
Result<std::optional<Row>> read_row(Transaction& transaction, BytesView key) {
  const Bytes* bytes = transaction.get(key);
  if (bytes == nullptr) return std::optional<Row>();
  std::optional<Row> row(std::in_place);
  TRY(decode(*bytes, *row));
  return row;
}

}  // namespace longwire::middle
