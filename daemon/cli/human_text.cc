#include "daemon/cli/human_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace longwire::daemon {

std::string time_text(const Json& milliseconds) {
  if (!milliseconds.is_number()) return "never";
  const auto seconds = static_cast<std::time_t>(milliseconds.get<std::int64_t>() / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", utc);
}

std::string list_text(const Json& strings) {
  std::string text;
  for (const Json& item : strings) {
    if (!text.empty()) text += ", ";
    text += item.get<std::string>();
  }
  return text.empty() ? "-" : text;
}

}  // namespace longwire::daemon
