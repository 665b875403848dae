#include "base/config_text.h"

#include <algorithm>

namespace longwire {
namespace {

// The position behind the comment or string that begins at `at`.
std::size_t skip_comment(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

std::size_t skip_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool long_form = text.substr(at, 3) == "\"\"\"" || text.substr(at, 3) == "'''";
  const std::string_view end = text.substr(at, long_form ? 3 : 1);
  at += end.size();
  while (at < text.size() && text.substr(at, end.size()) != end) {
    if (!long_form && text[at] == '\n') return at;
    at += quote == '"' && text[at] == '\\' ? 2 : 1;
  }
  return std::min(at + end.size(), text.size());
}

}  // namespace

std::optional<std::size_t> line_of_bare_non_ascii(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      return 1 + static_cast<std::size_t>(std::count(
                     text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    }
    if (c == '#')
      at = skip_comment(text, at);
    else if (c == '"' || c == '\'')
      at = skip_string(text, at);
    else
      ++at;
  }
  return std::nullopt;
}

}  // namespace longwire
