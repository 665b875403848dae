#include "xmpp/protocol/jid.h"

#include <utility>

#include "xmpp/protocol/precis.h"

namespace longwire::xmpp {

std::string Jid::bare() const {
  if (local.empty()) return domain;
  std::string out;
  out.reserve(local.size() + 1 + domain.size());
  out.append(local).append("@").append(domain);
  return out;
}

std::string Jid::full() const {
  std::string out = bare();
  if (!resource.empty()) out.append("/").append(resource);
  return out;
}

std::optional<Jid> parse_jid(std::string_view text) {
  Jid jid;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    auto resource = prepare_opaque(text.substr(slash + 1));
    if (!resource) return std::nullopt;
    jid.resource = std::move(*resource);
    text = text.substr(0, slash);
  }
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    auto local = prepare_username(text.substr(0, at));
    // RFC 7622 section 3.3.1.
    if (!local || local->find_first_of("\"&'/:<>@") != std::string::npos) return std::nullopt;
    jid.local = std::move(*local);
    text = text.substr(at + 1);
  }
  auto domain = prepare_domain(text);
  if (!domain) return std::nullopt;
  jid.domain = std::move(*domain);
  return jid;
}

}  // namespace longwire::xmpp
