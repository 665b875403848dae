#pragma once

// Jid: an address (RFC 7622), its parts prepared so that equal addresses are equal bytes.

#include <optional>
#include <string>
#include <string_view>

namespace longwire::xmpp {

// A value. Local and resource may be empty; the domain never is.
struct Jid {
  std::string local;
  std::string domain;
  std::string resource;

  bool is_bare() const { return resource.empty(); }
  std::string bare() const;  // "local@domain", or "domain"
  std::string full() const;  // with "/resource" where there is one
  friend bool operator==(const Jid&, const Jid&) = default;
};

// Empty: not an address.
std::optional<Jid> parse_jid(std::string_view text);

}  // namespace longwire::xmpp
