#include "daemon/serve/self_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/net/address.h"
#include "daemon/version.h"

namespace longwire::daemon {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "?";
  return name.data();
}

// "/var/lib/longwire-front/": its last part.
std::filesystem::path data_directory(const DataPaths& paths) {
  std::error_code error;
  const auto whole = std::filesystem::weakly_canonical(paths.root(), error);
  return error ? paths.root() : whole;
}

void add(std::vector<std::string>& addresses, const char* what, const std::string& listen,
         std::uint16_t port) {
  auto address = net::parse_address(listen);
  if (port == 0 || !address.ok()) return;
  address->port = port;
  addresses.push_back(fmt::format("{} {}", what, address->to_string()));
}

std::vector<std::string> addresses_of(const SelfFacts& facts) {
  std::vector<std::string> addresses;
  if (!facts.tier_address.empty()) addresses.push_back("tier " + facts.tier_address);
  if (facts.worker >= 0) return addresses;
  add(addresses, "xmpp", facts.settings.xmpp.listen, facts.ports.xmpp);
  add(addresses, "xmpps", facts.settings.xmpp.listen_tls, facts.ports.xmpps);
  add(addresses, "https", facts.settings.http.listen, facts.ports.https);
  add(addresses, "admin", facts.settings.http.admin_listen, facts.ports.admin);
  return addresses;
}

}  // namespace

middle::ProcessReport self_report(const SelfFacts& facts) {
  const auto data = data_directory(facts.paths);
  const std::string worker = facts.worker < 0 ? "" : fmt::format("/{}", facts.worker);
  middle::ProcessReport report;
  report.host = host_name();
  report.place = fmt::format("{}:{}{}", report.host, data.string(), worker);
  report.name = data.filename().string() + worker;
  report.pid = ::getpid();
  report.roles = facts.settings.tier.roles;
  report.addresses = addresses_of(facts);
  report.version = kVersion;
  return report;
}

}  // namespace longwire::daemon
