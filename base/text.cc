#include "base/text.h"

#include <algorithm>
#include <cstdint>

namespace longwire {

namespace {

struct Utf8Form {
  std::size_t size;
  std::uint32_t lowest;
};
// The length that a first byte promises, and the smallest code point that needs it.
Utf8Form utf8_form(unsigned char first) {
  if (first < 0x80) return {1, 0};
  if (first >= 0xc2 && first <= 0xdf) return {2, 0x80};
  if (first >= 0xe0 && first <= 0xef) return {3, 0x800};
  if (first >= 0xf0 && first <= 0xf4) return {4, 0x10000};
  return {0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const Utf8Form form = utf8_form(static_cast<unsigned char>(text[i]));
    if (form.size == 0 || form.size > text.size() - i) return false;
    std::uint32_t point = form.size == 1
                              ? static_cast<unsigned char>(text[i])
                              : static_cast<unsigned char>(text[i]) & (0xffU >> (form.size + 1));
    for (std::size_t k = 1; k < form.size; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if ((byte & 0xc0U) != 0x80U) return false;
      point = (point << 6U) | (byte & 0x3fU);
    }
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < form.lowest || point > 0x10ffff || surrogate) return false;
    i += form.size;
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace longwire
