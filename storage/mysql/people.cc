#include "storage/mysql/people.h"

#include <utility>

#include "storage/columns/list_columns.h"

namespace longwire::storage::mysql {
namespace {

using middle::App;
using middle::AppId;
using middle::AppKey;
using middle::RosterItem;
using middle::ScramKeys;
using middle::User;
using middle::XmppAccount;

Result<App> read_app(Query& query) {
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

ScramKeys read_keys(Query& query, unsigned column) {
  return {query.bytes(column), static_cast<std::uint32_t>(query.number(column + 1)),
          query.bytes(column + 2), query.bytes(column + 3)};
}

User read_user(Query& query) {
  User user;
  user.account = XmppAccount(query.bytes(0));
  user.created = query.time(1);
  user.credentials.banned = query.number(2) != 0;
  user.credentials.sha1 = read_keys(query, 3);
  user.credentials.sha256 = read_keys(query, 7);
  return user;
}

void bind_keys(Query& query, const ScramKeys& keys) {
  query.bind(keys.salt).bind(std::uint64_t{keys.iterations});
  query.bind(keys.stored_key).bind(keys.server_key);
}

// All but the account.
void bind_user(Query& query, const User& user) {
  query.bind(user.created).bind(std::uint64_t{user.credentials.banned});
  bind_keys(query, user.credentials.sha1);
  bind_keys(query, user.credentials.sha256);
}

// false: there is one with its key.
Result<bool> insert(Query& query) {
  const Status status = query.run();
  if (status.ok()) return true;
  if (status.error().code == ErrorCode::kAlreadyExists) return false;
  return status.error();
}

Result<bool> found_any(Query& query) {
  TRY(query.run());
  return query.changes() > 0;
}

Result<bool> insert_roster_item(Connection& connection, const RosterItem& item) {
  const Bytes groups = encode_groups(item.groups);
  auto query = connection.query(
      "INSERT INTO roster (owner, contact, name, group_names, subscription, ask, pending_in,"
      " pending_stanza) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  query.bind(item.owner.value()).bind(item.contact).bind(item.name).bind(groups);
  query.bind(std::uint64_t{item.subscription}).bind(std::uint64_t{item.ask});
  query.bind(std::uint64_t{item.pending_in}).bind(item.pending_stanza);
  return insert(query);
}

}  // namespace

Result<RosterItem> read_roster_item(Query& query) {
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

Result<std::vector<App>> list_apps(Connection& connection) {
  auto query = connection.query(
      "SELECT id, app_key, name, packages, secrets, created FROM apps ORDER BY id");
  std::vector<App> apps;
  while (query.next()) {
    auto app = read_app(query);
    if (!app) return std::move(app).error();
    apps.push_back(std::move(*app));
  }
  TRY(query.status());
  return apps;
}

Status put_app(Connection& connection, const App& app) {
  const Bytes packages = encode_packages(app.packages);
  const Bytes secrets = encode_secrets(app.secrets);
  auto query = connection.query(
      "INSERT INTO apps (id, app_key, name, packages, secrets, created)"
      " VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE app_key = VALUES(app_key),"
      " name = VALUES(name), packages = VALUES(packages), secrets = VALUES(secrets),"
      " created = VALUES(created)");
  query.bind(app.id.value()).bind(app.key.value()).bind(app.name);
  query.bind(packages).bind(secrets).bind(app.created);
  return query.run();
}

Result<std::optional<User>> get_user(Connection& connection, const XmppAccount& account) {
  auto query = connection.query(
      "SELECT account, created, banned, sha1_salt, sha1_iterations, sha1_stored_key,"
      " sha1_server_key, sha256_salt, sha256_iterations, sha256_stored_key, sha256_server_key"
      " FROM users WHERE account = ?");
  query.bind(account.value());
  std::optional<User> user;
  if (query.next()) user = read_user(query);
  TRY(query.status());
  return user;
}

Result<std::vector<User>> list_users(Connection& connection, const XmppAccount& after,
                                     std::size_t limit) {
  auto query = connection.query(
      "SELECT account, created, banned, sha1_salt, sha1_iterations, sha1_stored_key,"
      " sha1_server_key, sha256_salt, sha256_iterations, sha256_stored_key, sha256_server_key"
      " FROM users WHERE account > ? ORDER BY account LIMIT ?");
  query.bind(after.value()).bind(std::uint64_t{limit});
  std::vector<User> users;
  while (query.next()) users.push_back(read_user(query));
  TRY(query.status());
  return users;
}

Result<bool> create_user(Connection& connection, const User& user) {
  auto query = connection.query(
      "INSERT INTO users (account, created, banned, sha1_salt, sha1_iterations, sha1_stored_key,"
      " sha1_server_key, sha256_salt, sha256_iterations, sha256_stored_key, sha256_server_key)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  query.bind(user.account.value());
  bind_user(query, user);
  return insert(query);
}

Result<bool> replace_user(Connection& connection, const User& user) {
  auto query = connection.query(
      "UPDATE users SET created = ?, banned = ?, sha1_salt = ?, sha1_iterations = ?,"
      " sha1_stored_key = ?, sha1_server_key = ?, sha256_salt = ?, sha256_iterations = ?,"
      " sha256_stored_key = ?, sha256_server_key = ? WHERE account = ?");
  bind_user(query, user);
  query.bind(user.account.value());
  return found_any(query);
}

Result<bool> remove_user(Connection& connection, const XmppAccount& account) {
  auto roster = connection.query("DELETE FROM roster WHERE owner = ?");
  TRY(roster.bind(account.value()).run());
  auto user = connection.query("DELETE FROM users WHERE account = ?");
  user.bind(account.value());
  return found_any(user);
}

Result<std::vector<RosterItem>> get_roster(Connection& connection, const XmppAccount& owner) {
  auto query = connection.query(
      "SELECT owner, contact, name, group_names, subscription, ask, pending_in, pending_stanza,"
      " version FROM roster WHERE owner = ? ORDER BY contact");
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

Result<std::optional<RosterItem>> get_roster_item(Connection& connection, const XmppAccount& owner,
                                                  const std::string& contact) {
  auto query = connection.query(
      "SELECT owner, contact, name, group_names, subscription, ask, pending_in, pending_stanza,"
      " version FROM roster WHERE owner = ? AND contact = ?");
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

Result<std::optional<std::uint64_t>> put_roster_item(Connection& connection,
                                                     const RosterItem& item) {
  using Version = std::optional<std::uint64_t>;
  if (item.version != 0) {
    auto old =
        connection.query("DELETE FROM roster WHERE owner = ? AND contact = ? AND version = ?");
    old.bind(item.owner.value()).bind(item.contact).bind(item.version);
    const auto found = found_any(old);
    if (!found) return found.error();
    if (!*found) return Version();
  }
  const auto inserted = insert_roster_item(connection, item);
  if (!inserted) return inserted.error();
  if (!*inserted) return Version();
  auto query = connection.query("SELECT LAST_INSERT_ID()");
  const Version version = query.next() ? Version(query.number(0)) : std::nullopt;
  TRY(query.status());
  return version;
}

Result<bool> remove_roster_item(Connection& connection, const XmppAccount& owner,
                                const std::string& contact) {
  auto query = connection.query("DELETE FROM roster WHERE owner = ? AND contact = ?");
  query.bind(owner.value()).bind(contact);
  return found_any(query);
}

}  // namespace longwire::storage::mysql
