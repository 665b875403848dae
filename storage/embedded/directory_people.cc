#include "storage/embedded/directory_people.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/columns/list_columns.h"

namespace longwire::storage {
namespace {

using middle::App;
using middle::AppId;
using middle::AppKey;
using middle::RosterItem;
using middle::ScramKeys;
using middle::User;
using middle::XmppAccount;

Result<App> read_app(const SqliteQuery& query) {
  App app;
  app.id = AppId(query.bytes(0));
  app.key = AppKey(query.bytes(1));
  app.name = query.bytes(2);
  auto packages = decode_packages(query.bytes(3));
  if (!packages) return std::move(packages).error();
  app.packages = std::move(*packages);
  auto secrets = decode_secrets(query.bytes(4));
  if (!secrets) return std::move(secrets).error();
  app.secrets = std::move(*secrets);
  app.created = query.time(5);
  return app;
}

ScramKeys read_keys(const SqliteQuery& query, int column) {
  return {query.bytes(column), static_cast<std::uint32_t>(query.number(column + 1)),
          query.bytes(column + 2), query.bytes(column + 3)};
}

User read_user(const SqliteQuery& query) {
  User user;
  user.account = XmppAccount(query.bytes(0));
  user.created = query.time(1);
  user.credentials.banned = query.number(2) != 0;
  user.credentials.sha1 = read_keys(query, 3);
  user.credentials.sha256 = read_keys(query, 7);
  return user;
}

void bind_keys(SqliteQuery& query, const ScramKeys& keys) {
  query.bind(keys.salt).bind(std::uint64_t{keys.iterations});
  query.bind(keys.stored_key).bind(keys.server_key);
}

void bind_user(SqliteQuery& query, const User& user) {
  query.bind(user.account.value()).bind(user.created);
  query.bind(std::uint64_t{user.credentials.banned});
  bind_keys(query, user.credentials.sha1);
  bind_keys(query, user.credentials.sha256);
}

Result<std::uint64_t> next_roster_version(SqliteConnection& connection) {
  auto query = connection.query("UPDATE roster_version SET last = last + 1 RETURNING last");
  const std::uint64_t version = query.next() ? query.number(0) : 0;
  TRY(query.run());
  if (version == 0) return Error{ErrorCode::kCorrupt, "the roster's version is lost"};
  return version;
}

std::uint64_t to_limit(std::size_t limit) {
  return std::min<std::uint64_t>(limit, std::numeric_limits<std::int64_t>::max());
}

}  // namespace

Result<RosterItem> read_roster_item(const SqliteQuery& query) {
  RosterItem item;
  item.owner = XmppAccount(query.bytes(0));
  item.contact = query.bytes(1);
  item.name = query.bytes(2);
  auto groups = decode_groups(query.bytes(3));
  if (!groups) return std::move(groups).error();
  item.groups = std::move(*groups);
  item.subscription = static_cast<std::uint8_t>(query.number(4));
  item.ask = query.number(5) != 0;
  item.pending_in = query.number(6) != 0;
  item.pending_stanza = query.bytes(7);
  item.version = query.number(8);
  return item;
}

Result<std::vector<App>> list_apps(SqliteConnection& connection) {
  auto query =
      connection.query("SELECT id, key, name, packages, secrets, created FROM apps ORDER BY id");
  std::vector<App> apps;
  while (query.next()) {
    auto app = read_app(query);
    if (!app) return std::move(app).error();
    apps.push_back(std::move(*app));
  }
  TRY(query.status());
  return apps;
}

Status put_app(SqliteConnection& connection, const App& app) {
  const Bytes packages = encode_packages(app.packages);
  const Bytes secrets = encode_secrets(app.secrets);
  auto query = connection.query(
      "INSERT OR REPLACE INTO apps (id, key, name, packages, secrets, created)"
      " VALUES (?, ?, ?, ?, ?, ?)");
  query.bind(app.id.value()).bind(app.key.value()).bind(app.name);
  query.bind(packages).bind(secrets).bind(app.created);
  return query.run();
}

Result<std::optional<User>> get_user(SqliteConnection& connection, const XmppAccount& account) {
  auto query = connection.query("SELECT * FROM users WHERE account = ?");
  query.bind(account.value());
  std::optional<User> user;
  if (query.next()) user = read_user(query);
  TRY(query.status());
  return user;
}

Result<std::vector<User>> list_users(SqliteConnection& connection, const XmppAccount& after,
                                     std::size_t limit) {
  auto query = connection.query("SELECT * FROM users WHERE account > ? ORDER BY account LIMIT ?");
  query.bind(after.value()).bind(to_limit(limit));
  std::vector<User> users;
  while (query.next()) users.push_back(read_user(query));
  TRY(query.status());
  return users;
}

Result<bool> create_user(SqliteConnection& connection, const User& user) {
  auto query = connection.query(
      "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  bind_user(query, user);
  TRY(query.run());
  return connection.changes() > 0;
}

Result<bool> replace_user(SqliteConnection& connection, const User& user) {
  auto query = connection.query(
      "UPDATE users SET created = ?2, banned = ?3, sha1_salt = ?4, sha1_iterations = ?5,"
      " sha1_stored_key = ?6, sha1_server_key = ?7, sha256_salt = ?8, sha256_iterations = ?9,"
      " sha256_stored_key = ?10, sha256_server_key = ?11 WHERE account = ?1");
  bind_user(query, user);
  TRY(query.run());
  return connection.changes() > 0;
}

Result<bool> remove_user(SqliteConnection& connection, const XmppAccount& account) {
  auto roster = connection.query("DELETE FROM roster WHERE owner = ?");
  TRY(roster.bind(account.value()).run());
  auto user = connection.query("DELETE FROM users WHERE account = ?");
  TRY(user.bind(account.value()).run());
  return connection.changes() > 0;
}

Result<std::vector<RosterItem>> get_roster(SqliteConnection& connection, const XmppAccount& owner) {
  auto query = connection.query("SELECT * FROM roster WHERE owner = ? ORDER BY contact");
  query.bind(owner.value());
  std::vector<RosterItem> items;
  while (query.next()) {
    auto item = read_roster_item(query);
    if (!item) return std::move(item).error();
    items.push_back(std::move(*item));
  }
  TRY(query.status());
  return items;
}

Result<std::optional<RosterItem>> get_roster_item(SqliteConnection& connection,
                                                  const XmppAccount& owner,
                                                  const std::string& contact) {
  auto query = connection.query("SELECT * FROM roster WHERE owner = ? AND contact = ?");
  query.bind(owner.value()).bind(contact);
  std::optional<RosterItem> found;
  if (query.next()) {
    auto item = read_roster_item(query);
    if (!item) return std::move(item).error();
    found = std::move(*item);
  }
  TRY(query.status());
  return found;
}

Status store_roster_item(SqliteConnection& connection, const RosterItem& item) {
  const Bytes groups = encode_groups(item.groups);
  auto query = connection.query("INSERT OR REPLACE INTO roster VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  query.bind(item.owner.value()).bind(item.contact).bind(item.name).bind(groups);
  query.bind(std::uint64_t{item.subscription}).bind(std::uint64_t{item.ask});
  query.bind(std::uint64_t{item.pending_in}).bind(item.pending_stanza).bind(item.version);
  return query.run();
}

Result<std::optional<std::uint64_t>> put_roster_item(SqliteConnection& connection,
                                                     const RosterItem& item) {
  const auto stored = get_roster_item(connection, item.owner, item.contact);
  if (!stored) return stored.error();
  const std::uint64_t stored_version = stored->has_value() ? (*stored)->version : 0;
  if (stored_version != item.version) return std::optional<std::uint64_t>();
  const auto version = next_roster_version(connection);
  if (!version) return version.error();
  RosterItem stored_item = item;
  stored_item.version = *version;
  TRY(store_roster_item(connection, stored_item));
  return std::optional<std::uint64_t>(*version);
}

Result<bool> remove_roster_item(SqliteConnection& connection, const XmppAccount& owner,
                                const std::string& contact) {
  auto query = connection.query("DELETE FROM roster WHERE owner = ? AND contact = ?");
  TRY(query.bind(owner.value()).bind(contact).run());
  return connection.changes() > 0;
}

}  // namespace longwire::storage
