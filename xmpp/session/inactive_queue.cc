#include "xmpp/session/inactive_queue.h"

#include <algorithm>

namespace longwire::xmpp {
namespace {

// Our own writer puts attributes as name='value' with quotes escaped.
std::string_view attribute_of(std::string_view stanza, std::string_view name) {
  const std::string_view tag = stanza.substr(0, stanza.find('>'));
  std::size_t at = 0;
  while ((at = tag.find(name, at)) != std::string_view::npos) {
    const std::size_t begin = at + name.size();
    if (at > 0 && tag[at - 1] == ' ' && tag.substr(begin, 2) == "='")
      return tag.substr(begin + 2, tag.find('\'', begin + 2) - begin - 2);
    at = begin;
  }
  return {};
}

}  // namespace

bool InactiveQueue::hold(std::string_view stanza, std::size_t stanzas_max) {
  if (stanza.substr(0, 9) != "<presence") return false;
  const std::string_view type = attribute_of(stanza, "type");
  if (!type.empty() && type != "unavailable") return false;
  const std::string_view sender = attribute_of(stanza, "from");
  const auto same = std::find_if(held_.begin(), held_.end(),
                                 [&](const auto& held) { return held.first == sender; });
  if (same != held_.end()) held_.erase(same);
  if (held_.size() >= stanzas_max) return false;
  held_.emplace_back(sender, stanza);
  return true;
}

std::vector<std::string> InactiveQueue::take() {
  std::vector<std::string> stanzas;
  stanzas.reserve(held_.size());
  for (auto& held : held_) stanzas.push_back(std::move(held.second));
  std::vector<std::pair<std::string, std::string>>().swap(held_);
  return stanzas;
}

}  // namespace longwire::xmpp
