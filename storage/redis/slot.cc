#include "storage/redis/slot.h"

#include <array>

namespace longwire::storage::redis {
namespace {

constexpr std::uint16_t kPolynomial = 0x1021;

constexpr std::array<std::uint16_t, 256> make_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) {
    unsigned value = byte << 8;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value << 1) ^ ((value & 0x8000U) != 0 ? kPolynomial : 0U);
    }
    table[byte] = static_cast<std::uint16_t>(value);
  }
  return table;
}
constexpr auto kTable = make_table();

std::string_view hashed_part(std::string_view key) {
  const auto open = key.find('{');
  if (open == std::string_view::npos) return key;
  const auto close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

}  // namespace

std::uint16_t slot_of(std::string_view key) {
  std::uint16_t crc = 0;
  for (const char character : hashed_part(key)) {
    const auto index = static_cast<std::uint8_t>((crc >> 8) ^ static_cast<std::uint8_t>(character));
    crc = static_cast<std::uint16_t>((crc << 8) ^ kTable[index]);
  }
  return crc % kSlots;
}

}  // namespace longwire::storage::redis
