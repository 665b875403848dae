#pragma once

// Apps, users and rosters in SQLite: plain calls that block, on a connection of the caller's
// thread. What writes runs in the caller's transaction. Private to this folder.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "middle/ports/directory.h"
#include "storage/embedded/sqlite.h"

namespace longwire::storage {

Result<std::vector<middle::App>> list_apps(SqliteConnection& connection);
Status put_app(SqliteConnection& connection, const middle::App& app);

Result<std::optional<middle::User>> get_user(SqliteConnection& connection,
                                             const middle::XmppAccount& account);
Result<std::vector<middle::User>> list_users(SqliteConnection& connection,
                                             const middle::XmppAccount& after, std::size_t limit);
// In the order of roster's columns.
Result<middle::RosterItem> read_roster_item(const SqliteQuery& query);
// Stores it as it is, its version too.
Status store_roster_item(SqliteConnection& connection, const middle::RosterItem& item);

Result<bool> create_user(SqliteConnection& connection, const middle::User& user);
Result<bool> replace_user(SqliteConnection& connection, const middle::User& user);
Result<bool> remove_user(SqliteConnection& connection, const middle::XmppAccount& account);

Result<std::vector<middle::RosterItem>> get_roster(SqliteConnection& connection,
                                                   const middle::XmppAccount& owner);
Result<std::optional<middle::RosterItem>> get_roster_item(SqliteConnection& connection,
                                                          const middle::XmppAccount& owner,
                                                          const std::string& contact);
Result<std::optional<std::uint64_t>> put_roster_item(SqliteConnection& connection,
                                                     const middle::RosterItem& item);
Result<bool> remove_roster_item(SqliteConnection& connection, const middle::XmppAccount& owner,
                                const std::string& contact);

}  // namespace longwire::storage
