#include "sdk/cpp/login_refusal.h"

#include <array>
#include <utility>

namespace longwire::sdk {

namespace {

constexpr std::string_view kReceived = "RECV: <failure";
constexpr std::string_view kSasl = "urn:ietf:params:xml:ns:xmpp-sasl";

constexpr std::array<std::pair<std::string_view, LoginRefusal>, 3> kConditions{{
    {"<account-disabled", LoginRefusal::kDisabled},
    {"<temporary-auth-failure", LoginRefusal::kTemporary},
    {"<not-authorized", LoginRefusal::kPassword},
}};

}  // namespace

// The element as received; a text in it is escaped, so it holds no "<" of its own.
std::optional<LoginRefusal> read_login_refusal(std::string_view log_line) {
  const bool is_failure = log_line.substr(0, kReceived.size()) == kReceived;
  if (!is_failure || log_line.find(kSasl) == std::string_view::npos) return std::nullopt;
  for (const auto& [condition, refusal] : kConditions)
    if (log_line.find(condition) != std::string_view::npos) return refusal;
  return LoginRefusal::kOther;
}

}  // namespace longwire::sdk
