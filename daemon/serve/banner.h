#pragma once

// What a person sees once the server serves: where it listens, the demo credentials, and three
// commands to try at once.

#include <optional>
#include <string>

#include "daemon/serve/demo.h"
#include "daemon/serve/ports_file.h"

namespace longwire::daemon {

struct BannerFacts {
  Ports ports;
  std::optional<DemoCredentials> demo;  // without it: addresses alone
  std::string certificate_path;
  std::string domain;
  std::string data;            // the data directory
  std::string device_program;  // longwire-device
};

std::string banner_text(const BannerFacts& facts);

}  // namespace longwire::daemon
