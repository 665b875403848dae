#include "storage/mysql/gtid.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace longwire::storage::mysql {
namespace {

// Takes a number from the front of `text`, and `end` behind it (0: the end of the text).
bool take_number(std::string_view& text, char end, std::uint64_t& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  if (end == 0) return text.empty();
  if (!text.starts_with(end)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<GtidPosition> parse_gtid_position(std::string_view text) {
  GtidPosition position;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    std::string_view one = text.substr(0, comma);
    std::uint64_t domain = 0;
    std::uint64_t server = 0;
    std::uint64_t number = 0;
    if (!take_number(one, '-', domain) || !take_number(one, '-', server) ||
        !take_number(one, 0, number)) {
      return Error{ErrorCode::kInternal, "no GTID position: " + std::string(text)};
    }
    position[domain] = std::max(position[domain], number);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return position;
}

bool has_more(const GtidPosition& one, const GtidPosition& other) {
  return std::any_of(one.begin(), one.end(), [&](const auto& domain) {
    const auto found = other.find(domain.first);
    return domain.second > (found == other.end() ? 0 : found->second);
  });
}

GtidPosition together(GtidPosition one, const GtidPosition& other) {
  for (const auto& [domain, number] : other) one[domain] = std::max(one[domain], number);
  return one;
}

}  // namespace longwire::storage::mysql
