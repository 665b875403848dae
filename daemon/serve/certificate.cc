#include "daemon/serve/certificate.h"

#include <utility>

#include "base/net/tls.h"

namespace longwire::daemon {
namespace {

Status make_certificate(const TlsConfig& config, const DataPaths& paths, Timestamp now) {
  auto made = net::make_self_signed(config.hosts, now);
  if (!made.ok()) return made.error();
  // The key first: a certificate without key would never be made again.
  TRY(write_file(paths.private_key(), made->private_key, 0600));
  return write_file(paths.certificate(), made->certificate, 0644);
}

}  // namespace

void declare_config(ConfigSchema& schema, TlsConfig& config) {
  schema.add({.key = "tls.certificate",
              .help = "File with the certificate chain, leaf first; empty: DATA/tls/cert.pem, made "
                      "at the first start. Read again at SIGHUP."},
             config.certificate);
  schema.add({.key = "tls.private_key",
              .help = "File with its private key; empty: DATA/tls/key.pem. Read again at SIGHUP."},
             config.private_key);
  schema.add({.key = "tls.hosts",
              .help = "DNS names and IP addresses that a certificate made at the first start is "
                      "for."},
             config.hosts);
}

Result<CertificateFiles> load_certificate(const TlsConfig& config, const DataPaths& paths,
                                          Timestamp now) {
  if (config.certificate.empty() != config.private_key.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "tls.certificate and tls.private_key: set both, or neither"};
  }
  const bool own = config.certificate.empty();
  if (own && !std::filesystem::exists(paths.certificate())) {
    TRY(make_certificate(config, paths, now));
  }
  const std::filesystem::path certificate =
      own ? paths.certificate() : std::filesystem::path(config.certificate);
  auto chain = read_file(certificate);
  if (!chain.ok()) return chain.error();
  auto key = read_file(own ? paths.private_key() : std::filesystem::path(config.private_key));
  if (!key.ok()) return key.error();
  return CertificateFiles{certificate.string(), std::move(*chain), std::move(*key)};
}

Status check_certificate(const TlsConfig& config, const DataPaths& paths) {
  if (config.certificate.empty() && config.private_key.empty()) return {};
  const auto files = load_certificate(config, paths, {});
  if (!files.ok()) return files.error();
  net::TlsServerOptions options;
  options.certificate_pem = files->certificate_pem;
  options.private_key_pem = files->private_key_pem;
  const auto served = net::make_tls_server(options);
  return served.ok() ? Status() : Status(served.error());
}

}  // namespace longwire::daemon
