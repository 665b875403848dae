#pragma once

// What a configuration file's text must satisfy before the TOML parser sees it. Inside of base
// only.

#include <cstddef>
#include <optional>
#include <string_view>

namespace longwire {

// The line (from 1) of the first byte beyond ASCII that stands outside of strings and comments;
// nothing where there is none. Standard TOML allows no such byte, and toml++ 3.3 runs into
// undefined behaviour on some of them.
std::optional<std::size_t> line_of_bare_non_ascii(std::string_view text);

}  // namespace longwire
