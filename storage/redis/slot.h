#pragma once

// Which of a cluster's slots a key lies in, as the Redis cluster specification says.

#include <cstdint>
#include <string_view>

namespace longwire::storage::redis {

inline constexpr std::uint16_t kSlots = 16384;

// CRC16 (XMODEM) of the key, modulo kSlots. Where the key has a "{tag}" that is not empty, of the
// first tag alone: keys that share it share a slot.
std::uint16_t slot_of(std::string_view key);

}  // namespace longwire::storage::redis
