#include "daemon/serve/banner.h"

#include <fmt/format.h>

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

std::string credentials_text(const DemoCredentials& demo, const std::string& domain) {
  return fmt::format(
      "  demo app            id {}  key {}\n"
      "                      secret {}  package {}\n"
      "  demo user           {}@{}  password {}\n",
      demo.app_id, demo.app_key, demo.app_secret, demo.package, demo.user, domain, demo.password);
}

std::string commands_text(const BannerFacts& facts, const DemoCredentials& demo) {
  return fmt::format(
      "Try it, each in a terminal of its own:\n"
      "\n"
      "1. A device that waits for pushes:\n"
      "\n"
      "{} --api https://localhost:{} --server localhost:{} --ca {} \\\n"
      "  --app-id {} --app-key {} --package {} --alias me --state {}/demo-device\n"
      "\n"
      "2. A push to it:\n"
      "\n"
      "curl --cacert {} -H 'Authorization: key={}' \\\n"
      "  https://localhost:{}/v3/message/alias -d alias=me -d title=Hello \\\n"
      "  -d description=World -d payload=hi -d restricted_package_name={}\n"
      "\n"
      "3. A chat client (Gajim, Dino, Psi, profanity, …): account {}@{}, password {},\n"
      "   host localhost, port {}; trust the certificate above. For example:\n"
      "\n"
      "profanity -a {}@{}   # then: /connect {}@{} server localhost port {} tls trust\n",
      facts.device_program, facts.ports.https, facts.ports.xmpp, facts.certificate_path,
      demo.app_id, demo.app_key, demo.package, facts.data, facts.certificate_path, demo.app_secret,
      facts.ports.https, demo.package, demo.user, facts.domain, demo.password, facts.ports.xmpp,
      demo.user, facts.domain, demo.user, facts.domain, facts.ports.xmpp);
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
