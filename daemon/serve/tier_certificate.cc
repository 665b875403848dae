#include "daemon/serve/tier_certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/serve/data_directory.h"

namespace longwire::daemon {
namespace {

constexpr std::string_view kCertificate = "tier.tls_certificate";
constexpr std::string_view kKey = "tier.tls_key";
constexpr std::string_view kAuthority = "tier.tls_ca";
constexpr std::size_t kNameBytesMax = 253;

Error about(std::string_view key, std::string_view what) {
  return {ErrorCode::kInvalidArgument, fmt::format("{}: {}", key, what)};
}

// `begin` stands before what it has to hold.
Result<std::string> read_pem(std::string_view key, const std::string& path,
                             std::string_view begin) {
  auto text = read_file(path);
  if (!text.ok()) return about(key, text.error().message);
  if (text->find(begin) == std::string::npos) {
    return about(key, fmt::format("{} has no \"{}\": it is no such PEM file", path, begin));
  }
  return text;
}

// The certificate with its key; the authority alone.
Status check_parts(const TierTlsOptions& options) {
  const auto pair = net::make_tls_server({.certificate_pem = options.certificate_pem,
                                          .private_key_pem = options.private_key_pem,
                                          .alpn = {}});
  if (!pair.ok()) {
    const std::string& what = pair.error().message;
    return about(what.starts_with("tls: private key") ? kKey : kCertificate, what);
  }
  const auto authority = net::make_tls_client(
      {.ca_pem = options.authority_pem, .server_name = options.name, .alpn = {}});
  return authority.ok() ? Status() : about(kAuthority, authority.error().message);
}

Status check_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  };
  if (!name.empty() && name.size() <= kNameBytesMax && std::all_of(name.begin(), name.end(), fits))
    return {};
  return Error{ErrorCode::kInvalidArgument, "wants a DNS name"};
}

}  // namespace

void declare_config(ConfigSchema& schema, TierTlsConfig& config) {
  schema.add({.key = "tier.tls_certificate",
              .help = "File with the certificate chain, leaf first, that this process shows to the "
                      "other processes of the cluster; with tier.tls_key and tier.tls_ca, or none "
                      "of them: connections between processes are plain then. All three are read "
                      "again at SIGHUP."},
             config.certificate);
  schema.add({.key = "tier.tls_key", .help = "File with its private key."}, config.key);
  schema.add({.key = "tier.tls_ca",
              .help = "File with the authority, or several, whose certificates other processes "
                      "have to show, at either end of a connection."},
             config.authority);
  schema.add({.key = "tier.tls_name",
              .help = "The DNS name that each certificate of the cluster is for, besides others: "
                      "one of the authority without it is refused.",
              .check = check_name},
             config.name);
}

Status check_tier_tls(const TierTlsConfig& config) {
  if (config.certificate.empty() == config.key.empty() &&
      config.key.empty() == config.authority.empty())
    return {};
  const std::string_view missing = config.certificate.empty() ? kCertificate
                                   : config.key.empty()       ? kKey
                                                              : kAuthority;
  return about(missing,
               "is missing: tier.tls_certificate, tier.tls_key and tier.tls_ca are set "
               "together, or none of them");
}

Result<TierTls::Contexts> load_tier_tls(const TierTlsConfig& config) {
  if (!config.on()) return TierTls::Contexts{};
  auto certificate = read_pem(kCertificate, config.certificate, "BEGIN CERTIFICATE");
  if (!certificate.ok()) return certificate.error();
  auto key = read_pem(kKey, config.key, "PRIVATE KEY");
  if (!key.ok()) return key.error();
  auto authority = read_pem(kAuthority, config.authority, "BEGIN CERTIFICATE");
  if (!authority.ok()) return authority.error();
  const TierTlsOptions options{.certificate_pem = std::move(*certificate),
                               .private_key_pem = std::move(*key),
                               .authority_pem = std::move(*authority),
                               .name = config.name};
  TRY(check_parts(options));
  auto prepared = TierTls::prepare(options);
  if (!prepared.ok()) return about(kCertificate, prepared.error().message);
  return prepared;
}

}  // namespace longwire::daemon
