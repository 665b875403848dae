// The JSON body of our own API: read, and what was read written and read again.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "http_front/protocol/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = longwire::http;
  const auto members = http::parse_json_strings({reinterpret_cast<const char*>(data), size});
  if (!members.ok()) return 0;
  longwire::Bytes text = "{";
  for (const auto& [name, value] : *members) {
    if (text.size() > 1) text += ',';
    http::append_json_string(name, text);
    text += ':';
    http::append_json_string(value, text);
  }
  text += '}';
  const auto again = http::parse_json_strings(text);
  CHECK(again.ok());
  CHECK(*again == *members);
  return 0;
}
