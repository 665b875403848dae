#pragma once

// PRECIS (RFC 8264, 8265): how user names, passwords and resources are compared. ASCII takes a fast
// path; the rest is decided by Unicode properties.

#include <optional>
#include <string>
#include <string_view>

namespace longwire::xmpp {

// UsernameCaseMapped: empty where the name is not allowed.
std::optional<std::string> prepare_username(std::string_view name);
// OpaqueString: passwords and resources. Never empty text.
std::optional<std::string> prepare_opaque(std::string_view text);
// A domain name as IDNA (UTS 46, non-transitional) writes it in Unicode, lower case.
std::optional<std::string> prepare_domain(std::string_view domain);

}  // namespace longwire::xmpp
