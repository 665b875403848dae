#pragma once

// Configuration: every key is declared once, in code, next to the struct that holds its value:
//
//   struct LimitConfig { std::int64_t sends_per_second = 500; };
//   void declare_config(ConfigSchema& schema, LimitConfig& config) {
//     schema.add({.key = "limit.sends_per_second", .unit = "1/s", .help = "Sends an app may make a
//     second.",
//                 .min = 1, .max = 1'000'000}, config.sends_per_second);
//   }
//
// The default is the member's value at declaration. From the schema come parsing (TOML),
// `config print` and docs/CONFIG.md. An unknown key is an error that names the nearest known one;
// a bad value names file, line and what is allowed.

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace longwire {

// A secret prints as "***" everywhere.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

struct ConfigKey {
  std::string_view key;        // "section.name", lower case
  std::string_view unit = "";  // "bytes", "1/s"; durations need none
  std::string_view help;       // one sentence
  std::int64_t min = std::numeric_limits<std::int64_t>::min();  // numbers; durations in ms
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> choices = {};  // strings: when given, the only values
  bool reloadable = false;                // SIGHUP applies it
  // Strings: says what is wrong with a value (kInvalidArgument), and what is allowed.
  Status (*check)(const std::string& value) = nullptr;
};

// Targets outlive the schema. Loop-free, single-threaded: used at start and at reload.
class ConfigSchema final {
 public:
  ConfigSchema();
  ~ConfigSchema();
  ConfigSchema(const ConfigSchema&) = delete;
  ConfigSchema& operator=(const ConfigSchema&) = delete;

  void add(ConfigKey key, bool& target);
  void add(ConfigKey key, std::int64_t& target);
  void add(ConfigKey key, std::string& target);
  void add(ConfigKey key, Secret& target);
  // TOML: a string such as "250ms", "10s", "5m", "2h", "30d".
  void add(ConfigKey key, std::chrono::milliseconds& target);
  void add(ConfigKey key, std::vector<std::string>& target);

  // Sets targets from TOML text; `file` is for messages. All or nothing.
  Status apply_toml(std::string_view text, std::string_view file);
  // Sets one target from "key=value", as --set takes it.
  Status apply_assignment(std::string_view assignment);
  // Applies only reloadable keys; returns the names of changed keys that need a restart.
  Result<std::vector<std::string>> reload_toml(std::string_view text, std::string_view file);

  std::string print_toml() const;  // current values, commented
  std::string print_json() const;
  std::string print_markdown() const;  // docs/CONFIG.md, from defaults

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace longwire
