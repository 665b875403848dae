#pragma once

// What an alias, an account or a topic may be: one rule for devices, which carry them, and for
// senders, who address them.

#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace longwire::middle {

inline constexpr std::size_t kNameCharactersMax = 128;

inline bool is_plain_name(std::string_view name) {
  return is_utf8(name) && !has_control_characters(name);
}

// Of a plain name.
inline bool is_name_too_long(std::string_view name) {
  return name.size() > kNameCharactersMax && count_characters(name) > kNameCharactersMax;
}

}  // namespace longwire::middle
