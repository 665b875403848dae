#include "base/encoding.h"

#include <array>
#include <cstdint>

namespace longwire {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kInvalid = 0xff;

constexpr std::array<std::uint8_t, 256> reversed(std::string_view alphabet) {
  std::array<std::uint8_t, 256> table{};
  for (auto& value : table) value = kInvalid;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

// Two digits for each 12 bits: the encoder looks up half a group at once.
constexpr std::array<std::array<char, 2>, 4096> pairs_of(std::string_view alphabet) {
  std::array<std::array<char, 2>, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = {alphabet[i >> 6], alphabet[i & 63]};
  }
  return table;
}

constexpr auto kStandardPairs = pairs_of(kStandard);
constexpr auto kUrlPairs = pairs_of(kUrl);
constexpr auto kStandardValues = reversed(kStandard);
constexpr auto kUrlValues = reversed(kUrl);

std::uint32_t byte_at(BytesView bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

// Writes the digits without padding; returns the end.
char* encode(BytesView bytes, const std::array<std::array<char, 2>, 4096>& pairs, char* out) {
  const auto put = [&out](const std::array<char, 2>& pair) {
    out[0] = pair[0];
    out[1] = pair[1];
    out += 2;
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group =
        byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    put(pairs[group >> 12]);
    put(pairs[group & 0xfff]);
  }
  if (bytes.size() - i == 1) put(pairs[byte_at(bytes, i) << 4]);
  if (bytes.size() - i == 2) {
    const std::uint32_t group = byte_at(bytes, i) << 8 | byte_at(bytes, i + 1);
    put(pairs[group >> 4]);
    *out++ = pairs[(group & 0xf) << 2][1];
  }
  return out;
}

std::size_t digits_for(std::size_t size) { return (size * 4 + 2) / 3; }

// Digits without padding. Refuses lengths and last bits that no encoder makes.
std::optional<Bytes> decode(std::string_view text, const std::array<std::uint8_t, 256>& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (char digit : text) {
    const std::uint8_t value = values[static_cast<std::uint8_t>(digit)];
    if (value == kInvalid) return std::nullopt;
    bits = (bits << 6 | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>(static_cast<std::uint8_t>(bits >> held)));
    }
  }
  if ((bits & ((1u << held) - 1)) != 0) return std::nullopt;
  return out;
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string hex_encode(BytesView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out.push_back(kHexDigits[byte_at(bytes, i) >> 4]);
    out.push_back(kHexDigits[byte_at(bytes, i) & 15]);
  }
  return out;
}

std::optional<Bytes> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(high * 16 + low)));
  }
  return out;
}

void base64_append(BytesView bytes, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4, '=');
  encode(bytes, kStandardPairs, out.data() + start);
}

std::string base64_encode(BytesView bytes) {
  std::string out;
  base64_append(bytes, out);
  return out;
}

std::optional<Bytes> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode(text, kStandardValues);
}

std::string base64url_encode(BytesView bytes) {
  std::string out(digits_for(bytes.size()), '\0');
  encode(bytes, kUrlPairs, out.data());
  return out;
}

std::optional<Bytes> base64url_decode(std::string_view text) { return decode(text, kUrlValues); }

}  // namespace longwire
