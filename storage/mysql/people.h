#pragma once

// Apps, users and rosters in tables: plain calls that block, on the caller's connection. What
// writes is a part of the caller's transaction, and may run again after that was rolled back.
// Private to this folder.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "middle/ports/directory.h"
#include "storage/mysql/connection.h"

namespace longwire::storage::mysql {

Result<std::vector<middle::App>> list_apps(Connection& connection);
Status put_app(Connection& connection, const middle::App& app);

Result<std::optional<middle::User>> get_user(Connection& connection,
                                             const middle::XmppAccount& account);
Result<std::vector<middle::User>> list_users(Connection& connection,
                                             const middle::XmppAccount& after, std::size_t limit);
// Columns: owner, contact, name, group_names, subscription, ask, pending_in, pending_stanza,
// version.
Result<middle::RosterItem> read_roster_item(Query& query);

Result<bool> create_user(Connection& connection, const middle::User& user);
Result<bool> replace_user(Connection& connection, const middle::User& user);
Result<bool> remove_user(Connection& connection, const middle::XmppAccount& account);

Result<std::vector<middle::RosterItem>> get_roster(Connection& connection,
                                                   const middle::XmppAccount& owner);
Result<std::optional<middle::RosterItem>> get_roster_item(Connection& connection,
                                                          const middle::XmppAccount& owner,
                                                          const std::string& contact);
Result<std::optional<std::uint64_t>> put_roster_item(Connection& connection,
                                                     const middle::RosterItem& item);
Result<bool> remove_roster_item(Connection& connection, const middle::XmppAccount& owner,
                                const std::string& contact);

}  // namespace longwire::storage::mysql
