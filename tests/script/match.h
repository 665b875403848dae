#pragma once

// Compares XML as trees, with placeholders; see script.h.

#include <map>
#include <string>

namespace longwire::test {

using Memory = std::map<std::string, std::string>;

// Empty: `actual` is as `expected` says. New names are remembered.
std::string match(const std::string& expected, const std::string& actual, Memory& memory);

// `text` with every remembered {name} replaced.
std::string fill_in(const std::string& text, const Memory& memory);

}  // namespace longwire::test
