// A login attempt: mechanism, first message and answers from the peer. Nobody gets in without the
// password: not as an account that is not there, nor as one that is, nor as a banned one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "base/random.h"
#include "xmpp/sasl/sasl_server.h"

namespace {

using longwire::middle::Credentials;
using longwire::middle::ScramKeys;
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

Credentials account(bool banned) {
  const auto keys = [](std::size_t bytes) {
    auto& random = longwire::system_random();
    return ScramKeys{random.bytes(16), 4096, random.bytes(bytes), random.bytes(bytes)};
  };
  return {keys(20), keys(32), banned};
}

SaslStep next(SaslServer& server, const SaslStep& step, const std::optional<Credentials>& stored,
              std::string_view& rest) {
  if (std::holds_alternative<SaslNeedsCredentials>(step)) return server.credentials(stored);
  if (std::holds_alternative<SaslNeedsKeys>(step)) return server.keys({});  // another password's
  return server.respond(take_line(rest));
}

void log_in(std::string_view rest, const std::optional<Credentials>& stored) {
  SaslServer server({.domain = "localhost", .unknown_secret = "secret"}, longwire::system_random());
  const std::string_view mechanism = take_line(rest);
  auto step = server.start(mechanism, std::string(take_line(rest)));
  for (int i = 0; i < 4; ++i) {
    CHECK(!std::holds_alternative<SaslSuccess>(step));
    if (std::holds_alternative<longwire::xmpp::SaslFailure>(step)) break;
    step = next(server, step, stored, rest);
  }
  CHECK(!std::holds_alternative<SaslSuccess>(step));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Credentials known = account(false);
  static const Credentials banned = account(true);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  log_in(input, std::nullopt);
  log_in(input, known);
  log_in(input, banned);
  return 0;
}
