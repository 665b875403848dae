#pragma once

// What the configuration's files share: one key with its value, read, checked, parsed and printed.
// Inside of config.h; nothing else includes it.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace longwire {

using ConfigValue = std::variant<bool, std::int64_t, std::string, std::chrono::milliseconds,
                                 std::vector<std::string>>;
using ConfigTarget = std::variant<bool*, std::int64_t*, std::string*, Secret*,
                                  std::chrono::milliseconds*, std::vector<std::string>*>;

struct ConfigEntry {
  std::string key;
  std::string unit;
  std::string help;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::vector<std::string> choices;
  bool reloadable = false;
  Status (*check)(const std::string& value) = nullptr;
  ConfigTarget target;
  ConfigValue default_value;
  bool assigned = false;  // by apply_assignment: wins over a reloaded file

  bool is_secret() const { return std::holds_alternative<Secret*>(target); }
  bool is_duration() const { return std::holds_alternative<std::chrono::milliseconds*>(target); }
  std::string_view section() const;  // "limit" of "limit.sends"; empty at the top level
  std::string_view name() const;     // "sends"
};

struct ConfigSchema::State {
  std::vector<ConfigEntry> entries;
};

ConfigValue current_value(const ConfigEntry& entry);
void store_value(ConfigEntry& entry, const ConfigValue& value);

// kInvalidArgument with what is allowed; the caller adds key and place.
Status check_value(const ConfigEntry& entry, const ConfigValue& value);
Result<ConfigValue> parse_value(const ConfigEntry& entry, std::string_view text);
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

std::string duration_text(
    std::chrono::milliseconds duration);             // the largest whole unit: "90s", "2h"
std::string type_text(const ConfigEntry& entry);     // "integer", "duration", …
std::string allowed_text(const ConfigEntry& entry);  // "1 to 100", "one of a, b"; may be empty
std::string quoted(std::string_view text);           // a string of TOML and of JSON
// The value as both TOML and JSON write it; a secret that is set is "***".
std::string value_text(const ConfigEntry& entry, const ConfigValue& value);

// The declared key with the fewest edits, or empty where none is near.
std::string nearest_key(const std::vector<ConfigEntry>& entries, std::string_view key);

}  // namespace longwire
