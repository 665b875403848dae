#include "xmpp/im/roster_item.h"

#include <algorithm>
#include <string_view>

#include "base/encoding.h"
#include "base/hash.h"
#include "xmpp/im/subscription.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kNameBytesMax = 1023;
constexpr std::size_t kGroupsMax = 32;
constexpr std::size_t kItemBytesMax = 4'096;  // address, name and groups together

}  // namespace

bool names_a_group_twice(Element item) {
  std::vector<std::string> groups;
  for (Element child = item.first_child(); child; child = child.next())
    if (child.is("group", ns::kRoster)) groups.emplace_back(child.text());
  std::sort(groups.begin(), groups.end());
  return std::adjacent_find(groups.begin(), groups.end()) != groups.end();
}

std::optional<middle::RosterItem> read_roster_item(Element item, const middle::XmppAccount& owner) {
  middle::RosterItem wanted;
  wanted.owner = owner;
  const auto jid = parse_jid(item.attribute_or_empty("jid"));
  if (!jid) return std::nullopt;
  wanted.contact = jid->bare();
  wanted.name = item.attribute_or_empty("name");
  if (wanted.name.size() > kNameBytesMax) return std::nullopt;
  for (Element child = item.first_child(); child; child = child.next()) {
    if (!child.is("group", ns::kRoster)) continue;
    const std::string group(child.text());
    if (group.empty() || group.size() > kNameBytesMax || wanted.groups.size() >= kGroupsMax)
      return std::nullopt;
    wanted.groups.push_back(group);
  }
  if (roster_item_bytes(wanted) > kItemBytesMax) return std::nullopt;
  return wanted;
}

void append_roster_item(const middle::RosterItem& item, bool removed, std::string& out) {
  out.append("<item");
  append_attribute("jid", item.contact, out);
  if (!item.name.empty() && !removed) append_attribute("name", item.name, out);
  append_attribute("subscription", removed ? "remove" : subscription_name(item.subscription), out);
  if (item.ask && !removed) append_attribute("ask", "subscribe", out);
  out.push_back('>');
  if (!removed) {
    for (const std::string& group : item.groups) {
      out.append("<group>");
      append_escaped(group, out);
      out.append("</group>");
    }
  }
  out.append("</item>");
}

std::size_t roster_item_bytes(const middle::RosterItem& item) {
  std::size_t bytes = item.contact.size() + item.name.size();
  for (const std::string& group : item.groups) bytes += group.size();
  return bytes;
}

std::uint64_t roster_digest(const middle::RosterItem& item) {
  return is_listed(item) ? hash64(item.contact, item.version) : 0;
}

std::uint64_t roster_digest(const std::vector<middle::RosterItem>& items) {
  std::uint64_t sum = 0;
  for (const auto& item : items) sum += roster_digest(item);
  return sum;
}

std::string roster_version(std::uint64_t digest) {
  ByteWriter writer;
  writer.u64(digest);
  return hex_encode(writer.bytes());
}

}  // namespace longwire::xmpp
