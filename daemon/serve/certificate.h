#pragma once

// The server's certificate: the operator's, or one that the first start makes.

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/config.h"
#include "base/result.h"
#include "daemon/serve/data_directory.h"

namespace longwire::daemon {

struct TlsConfig {
  std::string certificate;  // paths; empty: DATA/tls/cert.pem and key.pem, made where absent
  std::string private_key;
  std::vector<std::string> hosts = {"localhost", "127.0.0.1"};
};
void declare_config(ConfigSchema& schema, TlsConfig& config);

struct CertificateFiles {
  std::string certificate_path;
  std::string certificate_pem;
  std::string private_key_pem;
};

// Reads both files. Where none is configured and none was made, makes them (ECDSA P-256,
// self-signed for config.hosts). Called again at a reload.
Result<CertificateFiles> load_certificate(const TlsConfig& config, const DataPaths& paths,
                                          Timestamp now);

// Whether what the operator configured would serve; makes nothing.
Status check_certificate(const TlsConfig& config, const DataPaths& paths);

}  // namespace longwire::daemon
