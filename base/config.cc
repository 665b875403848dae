#include "base/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/config_text.h"
#include "base/config_value.h"

#define TOML_EXCEPTIONS 0
// An operator's file must not end the process: toml++ 3.3 asserts on "[" at the end of a line
// (found by tests/fuzz/config_fuzz.cc); without the assertion it reports the error.
#define TOML_ASSERT(condition) ((void)0)
#include <toml++/toml.h>

namespace longwire {
namespace {

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// A value found in a file, for an entry of the schema.
struct Found {
  std::size_t entry = 0;
  ConfigValue value;
};

std::optional<std::size_t> find_entry(const std::vector<ConfigEntry>& entries,
                                      std::string_view key) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].key == key) return i;
  }
  return std::nullopt;
}

std::string unknown_key_text(const std::vector<ConfigEntry>& entries, std::string_view key) {
  const std::string nearest = nearest_key(entries, key);
  if (nearest.empty()) {
    return fmt::format("unknown key {}; `longwire config print` lists them all", key);
  }
  return fmt::format("unknown key {}; did you mean {}?", key, nearest);
}

Result<ConfigValue> list_of(const toml::array& array) {
  std::vector<std::string> items;
  for (const toml::node& item : array) {
    const auto* text = item.as_string();
    if (text == nullptr) return invalid("wants a list of strings");
    items.push_back(text->get());
  }
  return ConfigValue(std::move(items));
}

Result<ConfigValue> value_of(const ConfigEntry& entry, const toml::node& node) {
  if (std::holds_alternative<bool*>(entry.target)) {
    if (const auto* boolean = node.as_boolean()) return ConfigValue(boolean->get());
    return invalid("wants true or false");
  }
  if (std::holds_alternative<std::int64_t*>(entry.target)) {
    if (const auto* number = node.as_integer()) return ConfigValue(std::int64_t{number->get()});
    return invalid("wants an integer");
  }
  if (std::holds_alternative<std::vector<std::string>*>(entry.target)) {
    if (const auto* array = node.as_array()) return list_of(*array);
    return invalid("wants a list of strings");
  }
  if (const auto* text = node.as_string()) return parse_value(entry, text->get());
  return entry.is_duration() ? parse_value(entry, "") : invalid("wants a string");
}

// Walks the tables of one file; gathers all that is wrong, so that an operator sees it at once.
class FileReader {
 public:
  FileReader(const std::vector<ConfigEntry>& entries, std::string_view file)
      : entries_(entries), file_(file) {}

  void read_table(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      if (const auto* inner = node.as_table(); inner != nullptr && is_section(key)) {
        read_table(*inner, key + ".");
      } else {
        read_value(key, node);
      }
    }
  }

  Result<std::vector<Found>> finish() && {
    if (problems_.empty()) return std::move(found_);
    return invalid(fmt::format("{}", fmt::join(problems_, "\n")));
  }

 private:
  bool is_section(std::string_view key) const {
    return std::any_of(entries_.begin(), entries_.end(), [key](const ConfigEntry& entry) {
      return entry.key.size() > key.size() && entry.key.starts_with(key) &&
             entry.key[key.size()] == '.';
    });
  }

  void read_value(const std::string& key, const toml::node& node) {
    const auto index = find_entry(entries_, key);
    if (!index) {
      // A table of unknown name: its keys tell better what was meant.
      const toml::table* table = node.as_table();
      if (table != nullptr && !table->empty()) return read_table(*table, key + ".");
      return add_problem(node, unknown_key_text(entries_, key));
    }
    const ConfigEntry& entry = entries_[*index];
    auto value = value_of(entry, node);
    if (!value.ok()) return add_problem(node, fmt::format("{}: {}", key, value.error().message));
    if (auto checked = check_value(entry, *value); !checked.ok()) {
      return add_problem(node, fmt::format("{}: {}", key, checked.error().message));
    }
    found_.push_back({*index, std::move(value).value()});
  }

  void add_problem(const toml::node& node, const std::string& text) {
    problems_.push_back(fmt::format("{}:{}: {}", file_, node.source().begin.line, text));
  }

  const std::vector<ConfigEntry>& entries_;
  std::string_view file_;
  std::vector<Found> found_;
  std::vector<std::string> problems_;
};

Result<toml::table> parse_text(std::string_view text, std::string_view file) {
  toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return invalid(fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
  }
  return std::move(parsed).table();
}

// toml++ 3.3 runs into undefined behaviour on some characters beyond ASCII where none may stand. So
// the structure is parsed first without them; only then is it known what is a string and what is
// not.
Result<toml::table> parse_carefully(std::string_view text, std::string_view file) {
  std::string plain(text);
  for (char& c : plain) {
    if (static_cast<unsigned char>(c) >= 0x80) c = 'x';
  }
  auto parsed = parse_text(plain, file);
  if (!parsed.ok() || plain == text) return parsed;
  if (const auto line = line_of_bare_non_ascii(text)) {
    return invalid(fmt::format("{}:{}: only strings and comments may hold characters beyond ASCII",
                               file, *line));
  }
  return parse_text(text, file);
}

Result<std::vector<Found>> read_file(const std::vector<ConfigEntry>& entries, std::string_view text,
                                     std::string_view file) {
  const auto parsed = parse_carefully(text, file);
  if (!parsed.ok()) return parsed.error();
  FileReader reader(entries, file);
  reader.read_table(*parsed, "");
  return std::move(reader).finish();
}

ConfigEntry make_entry(ConfigKey&& key, ConfigTarget target) {
  ConfigEntry entry{.key = std::string(key.key),
                    .unit = std::string(key.unit),
                    .help = std::string(key.help),
                    .min = key.min,
                    .max = key.max,
                    .choices = std::move(key.choices),
                    .reloadable = key.reloadable,
                    .check = key.check,
                    .target = target,
                    .default_value = {},
                    .assigned = false};
  if (entry.is_duration()) entry.min = std::max<std::int64_t>(entry.min, 0);
  entry.default_value = current_value(entry);
  return entry;
}

void add_entry(std::vector<ConfigEntry>& entries, ConfigEntry entry) {
  CHECK(!find_entry(entries, entry.key));
  CHECK(check_value(entry, entry.default_value).ok());
  entries.push_back(std::move(entry));
}

}  // namespace

ConfigSchema::ConfigSchema() : state_(std::make_unique<State>()) {}
ConfigSchema::~ConfigSchema() = default;

void ConfigSchema::add(ConfigKey key, bool& target) {
  add_entry(state_->entries, make_entry(std::move(key), &target));
}

void ConfigSchema::add(ConfigKey key, std::int64_t& target) {
  add_entry(state_->entries, make_entry(std::move(key), &target));
}

void ConfigSchema::add(ConfigKey key, std::string& target) {
  add_entry(state_->entries, make_entry(std::move(key), &target));
}

void ConfigSchema::add(ConfigKey key, Secret& target) {
  add_entry(state_->entries, make_entry(std::move(key), &target));
}

void ConfigSchema::add(ConfigKey key, std::chrono::milliseconds& target) {
  add_entry(state_->entries, make_entry(std::move(key), &target));
}

void ConfigSchema::add(ConfigKey key, std::vector<std::string>& target) {
  add_entry(state_->entries, make_entry(std::move(key), &target));
}

Status ConfigSchema::apply_toml(std::string_view text, std::string_view file) {
  const auto found = read_file(state_->entries, text, file);
  if (!found.ok()) return found.error();
  for (const Found& item : *found) store_value(state_->entries[item.entry], item.value);
  return {};
}

Status ConfigSchema::apply_assignment(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return invalid(fmt::format("{}: wants key=value", assignment));
  }
  const std::string_view key = assignment.substr(0, equals);
  const auto index = find_entry(state_->entries, key);
  if (!index) return invalid(unknown_key_text(state_->entries, key));
  ConfigEntry& entry = state_->entries[*index];
  const auto value = parse_value(entry, assignment.substr(equals + 1));
  if (!value.ok()) return invalid(fmt::format("{}: {}", key, value.error().message));
  if (auto checked = check_value(entry, *value); !checked.ok()) {
    return invalid(fmt::format("{}: {}", key, checked.error().message));
  }
  store_value(entry, *value);
  entry.assigned = true;
  return {};
}

Result<std::vector<std::string>> ConfigSchema::reload_toml(std::string_view text,
                                                           std::string_view file) {
  auto& entries = state_->entries;
  auto found = read_file(entries, text, file);
  if (!found.ok()) return found.error();
  // A key that left the file has its default again.
  std::vector<ConfigValue> wanted;
  wanted.reserve(entries.size());
  for (const ConfigEntry& entry : entries) wanted.push_back(entry.default_value);
  for (Found& item : *found) wanted[item.entry] = std::move(item.value);

  std::vector<std::string> need_restart;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ConfigEntry& entry = entries[i];
    if (entry.assigned || current_value(entry) == wanted[i]) continue;
    if (entry.reloadable) {
      store_value(entry, wanted[i]);
    } else {
      need_restart.push_back(entry.key);
    }
  }
  return need_restart;
}

}  // namespace longwire
