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

// A request that addresses names holds a list of them: split at commas, and trimmed. Of a plain
// name, so that the space is the only blank there is.
inline bool is_listable_name(std::string_view name) {
  return !name.empty() && name.front() != ' ' && name.back() != ' ' &&
         name.find(',') == std::string_view::npos;
}

}  // namespace longwire::middle
