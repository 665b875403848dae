#pragma once

// longwire-device's command line.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "longwire/sdk/client.h"

namespace longwire::device {

struct Arguments {
  sdk::Options options;
  std::vector<std::string> aliases;
  std::vector<std::string> accounts;
  std::vector<std::string> topics;
  std::uint64_t count = 0;               // end after that many messages; 0: never
  std::chrono::milliseconds timeout{0};  // end after that time; 0: never
  bool help = false;
};

Result<Arguments> parse_arguments(const std::vector<std::string>& words);
std::string usage();

}  // namespace longwire::device
