#pragma once

// LoginRefusal: why the server refused a login, read from what libstrophe logs. The library hands
// <failure/> to no handler of ours: it goes on with its next mechanism, or closes. No I/O.

#include <cstdint>
#include <optional>
#include <string_view>

namespace longwire::sdk {

// In rising order of what counts more: where the mechanisms of one connection are refused for
// different reasons, the highest stands, so that only a password that nothing else explains is
// called wrong.
enum class LoginRefusal : std::uint8_t {
  kPassword,   // not-authorized: no such account, or another password
  kOther,      // a mechanism that does not work, or no reason given
  kTemporary,  // temporary-auth-failure
  kDisabled,   // account-disabled: banned
};

// Nothing where the line tells of no refusal.
std::optional<LoginRefusal> read_login_refusal(std::string_view log_line);

}  // namespace longwire::sdk
