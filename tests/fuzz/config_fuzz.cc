// A configuration file: applied as a whole or refused as a whole; what is printed can be read
// again.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  longwire::ConfigSchema schema;
  std::int64_t number = 5;
  std::string text = "a";
  bool flag = false;
  std::chrono::milliseconds time{1000};
  std::vector<std::string> list;
  schema.add({.key = "a.number", .help = "A number.", .min = 1, .max = 10}, number);
  schema.add({.key = "a.text", .help = "A text."}, text);
  schema.add({.key = "b.flag", .help = "A flag."}, flag);
  schema.add({.key = "b.time", .help = "A time."}, time);
  schema.add({.key = "b.list", .help = "A list."}, list);
  const auto status = schema.apply_toml({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  CHECK(number >= 1 && number <= 10);
  if (status.ok()) CHECK(schema.apply_toml(schema.print_toml(), "printed.toml").ok());
  return 0;
}
