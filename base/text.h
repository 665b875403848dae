#pragma once

// What text that others sent is made of.

#include <cstddef>
#include <string>
#include <string_view>

namespace longwire {

bool is_utf8(std::string_view text);
// Code points of valid UTF-8.
std::size_t count_characters(std::string_view text);
bool has_control_characters(std::string_view text);
// A to Z become a to z; everything else stays.
std::string ascii_lower(std::string_view text);

}  // namespace longwire
