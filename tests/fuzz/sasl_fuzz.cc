// A login attempt: mechanism, first message and answers from the peer. Nobody gets in without the
// password.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "base/random.h"
#include "xmpp/sasl/sasl_server.h"

namespace {

using longwire::xmpp::SaslNeedsCredentials;
using longwire::xmpp::SaslNeedsKeys;
using longwire::xmpp::SaslServer;
using longwire::xmpp::SaslStep;
using longwire::xmpp::SaslSuccess;

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

SaslStep next(SaslServer& server, const SaslStep& step, std::string_view& rest) {
  if (std::holds_alternative<SaslNeedsCredentials>(step)) return server.credentials(std::nullopt);
  if (std::holds_alternative<SaslNeedsKeys>(step)) return server.keys({});
  return server.respond(take_line(rest));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  SaslServer server({.domain = "localhost", .unknown_secret = "secret"}, longwire::system_random());
  const std::string_view mechanism = take_line(rest);
  auto step = server.start(mechanism, std::string(take_line(rest)));
  for (int i = 0; i < 4; ++i) {
    CHECK(!std::holds_alternative<SaslSuccess>(step));
    if (std::holds_alternative<longwire::xmpp::SaslFailure>(step)) break;
    step = next(server, step, rest);
  }
  CHECK(!std::holds_alternative<SaslSuccess>(step));
  return 0;
}
