#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "base/log.h"

namespace longwire {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The escapes of JSON, which read well in text too.
void append_escaped(std::string_view text, std::string& out) {
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\r') {
      out.append("\\r");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (is_control(c)) {
      out.append(fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c))));
    } else {
      out.push_back(c);
    }
  }
}

void append_quoted(std::string_view text, std::string& out) {
  out.push_back('"');
  append_escaped(text, out);
  out.push_back('"');
}

// The length of the well-formed UTF-8 sequence at the start of `text`; 0 where there is none.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  if ((lead == 0xe0 && at(1) < 0xa0) || (lead == 0xed && at(1) > 0x9f)) return 0;
  if ((lead == 0xf0 && at(1) < 0x90) || (lead == 0xf4 && at(1) > 0x8f)) return 0;
  return length;
}

// What comes from outside may be any bytes; a line must stay UTF-8.
std::string valid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out.append("\xef\xbf\xbd");
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return out;
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (char c : text) {
    if (c == ' ' || c == '"' || c == '=' || c == '\\' || is_control(c)) return true;
  }
  return false;
}

std::string time_text(std::int64_t utc_ms) {
  const std::time_t seconds = static_cast<std::time_t>(utc_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     utc_ms % 1000);
}

void append_value(const LogField& field, bool json, std::string& out) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    const std::string valid = valid_utf8(*text);
    if (json || needs_quotes(valid)) {
      append_quoted(valid, out);
    } else {
      out.append(valid);
    }
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
    out.append(fmt::to_string(*integer));
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    // JSON has no word for infinity.
    const bool finite = *real - *real == 0.0;
    out.append(finite || !json ? fmt::format("{:g}", *real) : "null");
  } else {
    out.append(std::get<bool>(field.value) ? "true" : "false");
  }
}

}  // namespace

std::string format_log_text(const LogEvent& event) {
  std::string line = fmt::format("{} {:<5} {}: ", time_text(event.utc_ms),
                                 log_level_name(event.level), event.module);
  append_escaped(valid_utf8(event.event), line);
  for (const LogField& field : event.fields) {
    line.push_back(' ');
    append_escaped(field.key, line);
    line.push_back('=');
    append_value(field, false, line);
  }
  line.push_back('\n');
  return line;
}

std::string format_log_json(const LogEvent& event) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","module":)", time_text(event.utc_ms),
                                 log_level_name(event.level));
  append_quoted(event.module, line);
  line.append(",\"event\":");
  append_quoted(valid_utf8(event.event), line);
  for (const LogField& field : event.fields) {
    line.push_back(',');
    append_quoted(field.key, line);
    line.push_back(':');
    append_value(field, true, line);
  }
  line.append("}\n");
  return line;
}

}  // namespace longwire
