#include "base/config_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

namespace longwire {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kNoMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoMax = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr Unit kUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string bound_text(const ConfigEntry& entry, std::int64_t bound) {
  return entry.is_duration() ? duration_text(milliseconds(bound)) : fmt::to_string(bound);
}

Status check_number(const ConfigEntry& entry, std::int64_t value) {
  if (value >= entry.min && value <= entry.max) return {};
  return invalid(fmt::format("{} is out of bounds; allowed: {}", bound_text(entry, value),
                             allowed_text(entry)));
}

Status check_text(const ConfigEntry& entry, const std::string& value) {
  const auto& choices = entry.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) {
    return entry.check == nullptr ? Status() : entry.check(value);
  }
  return invalid(fmt::format("{} is not allowed; allowed: {}", quoted(value), allowed_text(entry)));
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    out.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view ConfigEntry::section() const {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? std::string_view() : std::string_view(key).substr(0, dot);
}

std::string_view ConfigEntry::name() const {
  return std::string_view(key).substr(section().empty() ? 0 : section().size() + 1);
}

ConfigValue current_value(const ConfigEntry& entry) {
  return std::visit(
      [](auto* target) -> ConfigValue {
        if constexpr (std::is_same_v<decltype(target), Secret*>) {
          return target->reveal();
        } else {
          return *target;
        }
      },
      entry.target);
}

void store_value(ConfigEntry& entry, const ConfigValue& value) {
  std::visit(
      [&value](auto* target) {
        using T = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<T, Secret>) {
          *target = Secret(std::get<std::string>(value));
        } else {
          *target = std::get<T>(value);
        }
      },
      entry.target);
}

Status check_value(const ConfigEntry& entry, const ConfigValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return check_number(entry, *number);
  if (const auto* duration = std::get_if<milliseconds>(&value)) {
    return check_number(entry, duration->count());
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return entry.is_secret() ? Status() : check_text(entry, *text);
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& item : *list) TRY(check_text(entry, item));
  }
  return {};
}

Result<ConfigValue> parse_value(const ConfigEntry& entry, std::string_view text) {
  if (std::holds_alternative<bool*>(entry.target)) {
    if (text == "true") return ConfigValue(true);
    if (text == "false") return ConfigValue(false);
    return invalid("wants true or false");
  }
  if (std::holds_alternative<std::int64_t*>(entry.target)) {
    const auto number = parse_integer(text);
    if (!number) return invalid("wants an integer");
    return ConfigValue(*number);
  }
  if (entry.is_duration()) {
    auto duration = parse_duration(text);
    if (!duration.ok()) return duration.error();
    return ConfigValue(*duration);
  }
  if (std::holds_alternative<std::vector<std::string>*>(entry.target)) {
    return ConfigValue(split_list(text));
  }
  return ConfigValue(std::string(text));
}

Result<milliseconds> parse_duration(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits != 0 && digits != std::string_view::npos) {
    const auto number = parse_integer(text.substr(0, digits));
    for (const Unit& unit : kUnits) {
      if (unit.name != text.substr(digits) || !number || *number > kNoMax / unit.ms) continue;
      return milliseconds(*number * unit.ms);
    }
  }
  return invalid(R"(wants a duration such as "250ms", "10s", "5m", "2h" or "30d")");
}

std::string duration_text(milliseconds duration) {
  const std::int64_t ms = duration.count();
  if (ms == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (ms % unit.ms == 0) return fmt::format("{}{}", ms / unit.ms, unit.name);
  }
  return {};
}

std::string type_text(const ConfigEntry& entry) {
  static constexpr std::string_view kNames[] = {"boolean", "integer",  "string",
                                                "secret",  "duration", "list of strings"};
  return std::string(kNames[entry.target.index()]);
}

std::string allowed_text(const ConfigEntry& entry) {
  if (!entry.choices.empty()) return fmt::format("one of {}", fmt::join(entry.choices, ", "));
  const bool has_min = entry.min != kNoMin;
  const bool has_max = entry.max != kNoMax;
  if (has_min && has_max) {
    return fmt::format("{} to {}", bound_text(entry, entry.min), bound_text(entry, entry.max));
  }
  if (has_min) return fmt::format("at least {}", bound_text(entry, entry.min));
  if (has_max) return fmt::format("at most {}", bound_text(entry, entry.max));
  return {};
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out.append(fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c))));
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string value_text(const ConfigEntry& entry, const ConfigValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::to_string(*number);
  if (const auto* duration = std::get_if<milliseconds>(&value)) {
    return quoted(duration_text(*duration));
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return entry.is_secret() && !text->empty() ? quoted("***") : quoted(*text);
  }
  std::vector<std::string> items;
  for (const auto& item : std::get<std::vector<std::string>>(value)) items.push_back(quoted(item));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string nearest_key(const std::vector<ConfigEntry>& entries, std::string_view key) {
  std::string nearest;
  std::size_t fewest = std::max<std::size_t>(key.size() / 2, 3);
  for (const ConfigEntry& entry : entries) {
    const std::size_t edits = edit_distance(key, entry.key);
    if (edits > fewest || (edits == fewest && !nearest.empty())) continue;
    nearest = entry.key;
    fewest = edits;
  }
  return nearest;
}

}  // namespace longwire
