// longwire tier-certificates

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/net/tls.h"
#include "daemon/cli/command_line.h"
#include "daemon/serve/data_directory.h"
#include "daemon/serve/tier_certificate.h"

namespace longwire::daemon {
namespace {

namespace fs = std::filesystem;

struct Wanted {
  fs::path folder;
  std::vector<std::string> names = {"tier"};
  std::string cluster = TierTlsConfig().name;
};

// It becomes a file's name, and one of the certificate's.
Status check_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  };
  if (!name.empty() && name.size() <= 64 && name != "ca" && name.front() != '.' &&
      std::all_of(name.begin(), name.end(), fits))
    return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("\"{}\" is no name for a certificate: at most 64 of A-Z a-z 0-9 - . and "
                           "not \"ca\"",
                           name)};
}

// The key first, so that no certificate is without its key.
Status write_pair(const fs::path& folder, const std::string& name, const net::CertificatePem& pem) {
  TRY(write_file(folder / (name + ".key"), pem.private_key, 0600));
  return write_file(folder / (name + ".pem"), pem.certificate, 0644);
}

// The folder's, made where it has none.
Result<net::CertificatePem> authority_of(const fs::path& folder) {
  if (!fs::exists(folder / "ca.pem") && !fs::exists(folder / "ca.key")) {
    auto made = net::make_authority("Longwire tier", system_clock().now());
    if (made.ok()) TRY(write_pair(folder, "ca", *made));
    return made;
  }
  auto certificate = read_file(folder / "ca.pem");
  if (!certificate.ok()) return certificate.error();
  auto key = read_file(folder / "ca.key");
  if (!key.ok()) return key.error();
  return net::CertificatePem{std::move(*certificate), std::move(*key)};
}

Result<Json> make_certificates(const Wanted& wanted) {
  for (const std::string& name : wanted.names) TRY(check_name(name));
  const auto authority = authority_of(wanted.folder);
  if (!authority.ok()) return authority.error();
  Json made = Json::array();
  for (const std::string& name : wanted.names) {
    const auto pem = net::make_signed(*authority, {name, wanted.cluster}, system_clock().now());
    if (!pem.ok()) return pem.error();
    TRY(write_pair(wanted.folder, name, *pem));
    made.push_back({{"tier.tls_certificate", (wanted.folder / (name + ".pem")).string()},
                    {"tier.tls_key", (wanted.folder / (name + ".key")).string()},
                    {"tier.tls_ca", (wanted.folder / "ca.pem").string()}});
  }
  return made;
}

void print_made(const Json& made) {
  for (const Json& one : made) {
    for (const auto& [key, path] : one.items()) {
      fmt::print("{} = \"{}\"\n", key, path.get<std::string>());
    }
    fmt::print("\n");
  }
  fmt::print("ca.key signs further ones: keep it away from the servers.\n");
}

}  // namespace

void add_tier_commands(CLI::App& root, CommandLine& line) {
  const auto wanted = std::make_shared<Wanted>();
  auto* make =
      root.add_subcommand("tier-certificates",
                          "Certificates by which the processes of a cluster know each other")
          ->fallthrough();
  make->add_option("DIR", wanted->folder, "Where they are written; its ca.key signs them")
      ->required();
  make->add_option("NAME", wanted->names, "One certificate each; one for all is called tier")
      ->capture_default_str();
  make->add_option("--tls-name", wanted->cluster, "The cluster's name: tier.tls_name")
      ->capture_default_str();
  make->callback([&line, wanted] {
    line.action = [&line, wanted] {
      return print_result(line, make_certificates(*wanted), print_made);
    };
  });
}

}  // namespace longwire::daemon
