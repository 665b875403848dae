#pragma once

// Hashes. home_hash decides where things live for good: it is versioned and must never change for a
// version. Sums of hash64, and crc32c, lie in the files of moves (docs/formats/move.md); another
// hash64 is another version of these.

#include <cstdint>

#include "base/bytes.h"

namespace longwire {

inline constexpr std::uint8_t kHomeHashVersion = 1;

// Version 1: the low 16 bits of XXH64 (seed 0) of the bytes.
std::uint16_t home_hash(BytesView name);

// XXH64.
std::uint64_t hash64(BytesView bytes, std::uint64_t seed = 0);
std::uint32_t crc32c(BytesView bytes);

// Time does not depend on where the first difference is.
bool constant_time_equal(BytesView a, BytesView b);

Bytes sha256(BytesView bytes);

}  // namespace longwire
