#include "xmpp/im/timestamps.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace longwire::xmpp {

std::string utc_text(Timestamp time) {
  const std::time_t seconds = static_cast<std::time_t>(time.ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s.%03dZ", date.data(),
                static_cast<int>(time.ms % 1000));
  return text.data();
}

}  // namespace longwire::xmpp
