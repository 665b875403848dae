#include <fmt/format.h>

#include <algorithm>

#include "base/config.h"
#include "base/config_value.h"

namespace longwire {
namespace {

using Section = std::vector<const ConfigEntry*>;

// Entries by section, in the order of declaration; those without a section come first, as TOML
// wants it.
std::vector<Section> by_section(const std::vector<ConfigEntry>& entries) {
  std::vector<Section> sections;
  for (const ConfigEntry& entry : entries) {
    const auto same = [&entry](const Section& section) {
      return section.front()->section() == entry.section();
    };
    const auto found = std::find_if(sections.begin(), sections.end(), same);
    if (found != sections.end()) {
      found->push_back(&entry);
    } else {
      sections.insert(entry.section().empty() ? sections.begin() : sections.end(), {&entry});
    }
  }
  return sections;
}

std::string type_and_unit(const ConfigEntry& entry) {
  return entry.unit.empty() ? type_text(entry)
                            : fmt::format("{}, {}", type_text(entry), entry.unit);
}

std::string comment(const ConfigEntry& entry) {
  std::string out = type_and_unit(entry);
  if (const std::string allowed = allowed_text(entry); !allowed.empty()) out += "; " + allowed;
  out += "; default " + value_text(entry, entry.default_value);
  if (entry.reloadable) out += "; reloadable";
  return out;
}

std::string table_cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string markdown_row(const ConfigEntry& entry) {
  return fmt::format("| `{}` | {} | `{}` | {} | {} | {} |\n", entry.key, type_and_unit(entry),
                     table_cell(value_text(entry, entry.default_value)),
                     table_cell(allowed_text(entry)), entry.reloadable ? "yes" : "no",
                     table_cell(entry.help));
}

}  // namespace

std::string ConfigSchema::print_toml() const {
  std::string out;
  for (const Section& section : by_section(state_->entries)) {
    if (!out.empty()) out.push_back('\n');
    if (const auto name = section.front()->section(); !name.empty()) {
      out += fmt::format("[{}]\n", name);
    }
    for (const ConfigEntry* entry : section) {
      out += fmt::format("# {}\n# ({})\n", entry->help, comment(*entry));
      out += fmt::format("{} = {}\n", entry->name(), value_text(*entry, current_value(*entry)));
    }
  }
  return out;
}

std::string ConfigSchema::print_json() const {
  std::string out = "{";
  for (const ConfigEntry& entry : state_->entries) {
    if (out.size() > 1) out.push_back(',');
    out += fmt::format("\n  {}: {}", quoted(entry.key), value_text(entry, current_value(entry)));
  }
  return out + "\n}\n";
}

std::string ConfigSchema::print_markdown() const {
  std::string out;
  for (const Section& section : by_section(state_->entries)) {
    if (!out.empty()) out.push_back('\n');
    const std::string_view name = section.front()->section();
    out += name.empty() ? std::string("## General\n\n") : fmt::format("## {}\n\n", name);
    out += "| key | type | default | allowed | reloadable | meaning |\n";
    out += "|---|---|---|---|---|---|\n";
    for (const ConfigEntry* entry : section) out += markdown_row(*entry);
  }
  return out;
}

}  // namespace longwire
