#pragma once

// What text that others sent is made of.

#include <cstddef>
#include <string_view>

namespace longwire {

bool is_utf8(std::string_view text);
// Code points of valid UTF-8.
std::size_t count_characters(std::string_view text);
bool has_control_characters(std::string_view text);

}  // namespace longwire
