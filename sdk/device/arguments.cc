#include "sdk/device/arguments.h"

#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace longwire::device {

namespace {

Error invalid(const std::string& text) { return {ErrorCode::kInvalidArgument, text}; }

std::optional<double> number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  auto [stopped, problem] = std::from_chars(text.data(), end, value);
  const bool in_range = value >= 0 && value <= 1e9;  // NaN is in none
  if (problem != std::errc() || stopped != end || !in_range) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  auto [stopped, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || stopped != end) return std::nullopt;
  return value;
}

// "host:port", "[address]:port"
bool set_server(const std::string& text, sdk::Options& options) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const auto port = whole_number(text.substr(colon + 1));
  if (!port.has_value() || *port < 1 || *port > std::numeric_limits<std::uint16_t>::max())
    return false;
  options.server_host = text.substr(0, colon);
  if (options.server_host.front() == '[' && options.server_host.back() == ']')
    options.server_host = options.server_host.substr(1, options.server_host.size() - 2);
  options.server_port = static_cast<std::uint16_t>(*port);
  return true;
}

bool set_seconds(const std::string& text, std::chrono::milliseconds& to) {
  const auto seconds = number(text);
  if (!seconds.has_value()) return false;
  to = std::chrono::milliseconds(std::llround(*seconds * 1000));
  return true;
}

bool set_count(const std::string& text, std::uint64_t& to) {
  const auto value = whole_number(text);
  if (!value.has_value()) return false;
  to = *value;
  return true;
}

using Setter = std::function<bool(const std::string&)>;

Setter text(std::string& to) {
  return [&to](const std::string& value) {
    to = value;
    return !value.empty();
  };
}

Setter list(std::vector<std::string>& to) {
  return [&to](const std::string& value) {
    to.push_back(value);
    return !value.empty();
  };
}

std::map<std::string, Setter> setters(Arguments& to) {
  sdk::Options& options = to.options;
  return {
      {"--api", text(options.api)},
      {"--server", [&options](const std::string& v) { return set_server(v, options); }},
      {"--ca", text(options.ca_file)},
      {"--app-id", text(options.app_id)},
      {"--app-key", text(options.app_key)},
      {"--package", text(options.package)},
      {"--state", text(options.state_directory)},
      {"--alias", list(to.aliases)},
      {"--account", list(to.accounts)},
      {"--topic", list(to.topics)},
      {"--count", [&to](const std::string& v) { return set_count(v, to.count); }},
      {"--timeout", [&to](const std::string& v) { return set_seconds(v, to.timeout); }},
      {"--ping-interval",
       [&options](const std::string& v) { return set_seconds(v, options.ping_interval); }},
      {"--reconnect-max",
       [&options](const std::string& v) { return set_seconds(v, options.reconnect_delay_max); }},
  };
}

}  // namespace

std::string usage() {
  return "longwire-device --api URL --server HOST:PORT --ca FILE --app-id ID --app-key KEY\n"
         "  --package NAME --state DIR [--alias A]... [--account U]... [--topic T]...\n"
         "  [--count N] [--timeout SECONDS] [--ping-interval SECONDS]\n"
         "  [--reconnect-max SECONDS] [--direct-tls]\n"
         "\n"
         "Receives pushes as a device and prints one JSON object a line for each event.\n"
         "Ends with 0 after N messages or a signal, 1 on an error that will not pass, 2 on wrong\n"
         "arguments, 3 after SECONDS.\n";
}

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  const auto known = setters(arguments);
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--help") {
      Arguments help;
      help.help = true;
      return help;
    }
    if (word == "--direct-tls") {
      arguments.options.direct_tls = true;
      continue;
    }
    const auto setter = known.find(word);
    if (setter == known.end()) return invalid("unknown argument " + word);
    if (at + 1 == words.size()) return invalid(word + " needs a value");
    if (!setter->second(words[++at])) return invalid("bad value for " + word);
  }
  const sdk::Options& options = arguments.options;
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"--api", options.api},
                                          {"--server", options.server_host},
                                          {"--app-id", options.app_id},
                                          {"--app-key", options.app_key},
                                          {"--package", options.package},
                                          {"--state", options.state_directory}})
    if (value.empty()) return invalid(name + " is missing");
  return arguments;
}

}  // namespace longwire::device
