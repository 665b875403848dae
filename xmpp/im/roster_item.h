#pragma once

// One item of a roster: read from a client, written to one, weighed, and counted into the roster's
// version. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "middle/model/registry.h"
#include "xmpp/protocol/stanza.h"

namespace longwire::xmpp {

// RFC 6121 section 2.3.3 tells this from an item that cannot be taken.
bool names_a_group_twice(Element item);
// Empty: the item cannot be taken.
std::optional<middle::RosterItem> read_roster_item(Element item, const middle::XmppAccount& owner);
void append_roster_item(const middle::RosterItem& item, bool removed, std::string& out);

// What the client said in it: address, name and groups.
std::size_t roster_item_bytes(const middle::RosterItem& item);

// A roster's version is the sum of its items' digests, so that a change is counted in without the
// others. An item that is not listed has none.
std::uint64_t roster_digest(const middle::RosterItem& item);
std::uint64_t roster_digest(const std::vector<middle::RosterItem>& items);
std::string roster_version(std::uint64_t digest);

}  // namespace longwire::xmpp
