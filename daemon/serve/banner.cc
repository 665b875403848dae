#include "daemon/serve/banner.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace longwire::daemon {
namespace {

std::string addresses_text(const BannerFacts& facts) {
  return fmt::format(
      "Longwire serves.\n"
      "\n"
      "  XMPP, STARTTLS      localhost:{}\n"
      "  XMPP, direct TLS    localhost:{}\n"
      "  HTTPS API           https://localhost:{}\n"
      "  admin               http://localhost:{}/metrics\n"
      "  certificate         {}\n",
      facts.ports.xmpp, facts.ports.xmpps, facts.ports.https, facts.ports.admin,
      facts.certificate_path);
}

std::string_view or_changed(const std::string& secret) {
  return secret.empty() ? "(changed since the first start)" : std::string_view(secret);
}

std::string credentials_text(const DemoCredentials& demo, const std::string& domain) {
  return fmt::format(
      "  demo app            id {}  key {}\n"
      "                      secret {}  package {}\n"
      "  demo user           {}@{}  password {}\n",
      demo.app_id, demo.app_key, or_changed(demo.app_secret), demo.package, demo.user, domain,
      or_changed(demo.password));
}

std::string device_command(const BannerFacts& facts, const DemoCredentials& demo) {
  return fmt::format(
      "A device that waits for pushes:\n"
      "\n"
      "{} --api https://localhost:{} --server localhost:{} --ca {} \\\n"
      "  --app-id {} --app-key {} --package {} --alias me --state {}/demo-device\n",
      facts.device_program, facts.ports.https, facts.ports.xmpp, facts.certificate_path,
      demo.app_id, demo.app_key, demo.package, facts.data);
}

std::string push_command(const BannerFacts& facts, const DemoCredentials& demo) {
  return fmt::format(
      "A push to it:\n"
      "\n"
      "curl --cacert {} -H 'Authorization: key={}' \\\n"
      "  https://localhost:{}/v3/message/alias -d alias=me -d title=Hello \\\n"
      "  -d description=World -d payload=hi -d restricted_package_name={}\n",
      facts.certificate_path, demo.app_secret, facts.ports.https, demo.package);
}

std::string chat_command(const BannerFacts& facts, const DemoCredentials& demo) {
  return fmt::format(
      "A chat client (Gajim, Dino, Psi, profanity, …): account {}@{}, password {},\n"
      "   host localhost, port {}; trust the certificate above. For example:\n"
      "\n"
      "profanity -a {}@{}   # then: /connect {}@{} server localhost port {} tls trust\n",
      demo.user, facts.domain, demo.password, facts.ports.xmpp, demo.user, facts.domain, demo.user,
      facts.domain, facts.ports.xmpp);
}

// Those alone that the demo's credentials still allow.
std::string commands_text(const BannerFacts& facts, const DemoCredentials& demo) {
  std::vector<std::string> commands = {device_command(facts, demo)};
  if (!demo.app_secret.empty()) commands.push_back(push_command(facts, demo));
  if (!demo.password.empty()) commands.push_back(chat_command(facts, demo));
  std::string text = "Try it, each in a terminal of its own:\n";
  for (std::size_t i = 0; i < commands.size(); ++i) {
    text += fmt::format("\n{}. {}", i + 1, commands[i]);
  }
  return text;
}

}  // namespace

std::string banner_text(const BannerFacts& facts) {
  std::string text = addresses_text(facts) + "\n";
  if (facts.demo) {
    text += credentials_text(*facts.demo, facts.domain) + "\n";
    text += commands_text(facts, *facts.demo) + "\n";
  }
  return text + "Ctrl-C stops.\n";
}

}  // namespace longwire::daemon
