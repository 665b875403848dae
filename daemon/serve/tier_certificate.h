#pragma once

// The certificate by which this process and the others of the cluster know each other.

#include <string>

#include "base/config.h"
#include "base/result.h"
#include "daemon/tier/tier_tls.h"

namespace longwire::daemon {

struct TierTlsConfig {
  std::string certificate;  // paths; all three, or none: plain
  std::string key;
  std::string authority;
  std::string name = "longwire-tier";

  bool on() const { return !certificate.empty(); }
};
void declare_config(ConfigSchema& schema, TierTlsConfig& config);

// Whether the keys go together. Reads no file.
Status check_tier_tls(const TierTlsConfig& config);

// Reads the files, where there are some; called again at a reload. An error names the key whose
// file is missing, makes no sense, or would be refused by the other processes.
Result<TierTls::Contexts> load_tier_tls(const TierTlsConfig& config);

}  // namespace longwire::daemon
