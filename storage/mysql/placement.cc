#include "storage/mysql/placement.h"

#include <utility>

namespace longwire::storage::mysql {
namespace {

Error misplaced(const Bytes& app, const Bytes& lies, const std::string& configured) {
  return {ErrorCode::kInvalidArgument, "the app " + app + " lies on the shard " + lies +
                                           ", and mysql.shard_apps says " + configured +
                                           ": an app cannot be moved, put it back"};
}

// The first column of the one row; empty where there is none.
Result<Bytes> one_text(Query& query) {
  const Bytes text = query.next() ? query.bytes(0) : Bytes();
  TRY(query.status());
  return text;
}

}  // namespace

Status claim_name(Connection& connection, const std::string& name) {
  {
    auto insert = connection.query("INSERT IGNORE INTO shard_name (one, name) VALUES (1, ?)");
    TRY(insert.bind(name).run());
  }
  auto query = connection.query("SELECT name FROM shard_name");
  const auto found = one_text(query);
  if (!found) return found.error();
  if (*found == name) return {};
  return Error{ErrorCode::kInvalidArgument, "this is the database of the shard " + *found +
                                                ", and the configuration calls it " + name +
                                                ": are addresses mixed up?"};
}

Status must_be_no_pair(Connection& connection) {
  auto query = connection.query("SELECT epoch FROM pair_state");
  const bool any = query.next();
  const bool no_table = !query.status().ok() && query.status().error().code == ErrorCode::kCorrupt;
  if (!no_table) TRY(query.status());
  if (!any) return {};
  return Error{ErrorCode::kInvalidArgument,
               "this server is one of a pair: set mysql.peer, or end the pair with DELETE FROM "
               "pair_state where the other is gone for good"};
}

Status check_placement(Connection& connection, const ShardTable& table) {
  auto query = connection.query("SELECT app, shard FROM app_shards");
  while (query.next()) {
    const middle::AppId app(query.bytes(0));
    const Bytes lies = query.bytes(1);
    const std::string& configured = table.name(table.shard_of(app));
    if (lies != configured) return misplaced(app.value(), lies, configured);
  }
  return query.status();
}

Result<bool> holds_apps(Connection& connection, const std::string& shard) {
  auto query = connection.query("SELECT app FROM app_shards WHERE shard = ? LIMIT 1");
  query.bind(shard);
  const bool any = query.next();
  TRY(query.status());
  return any;
}

Status place_app(Connection& connection, const middle::AppId& app, const std::string& shard) {
  {
    auto insert = connection.query(
        "INSERT INTO app_shards (app, shard) VALUES (?, ?) ON DUPLICATE KEY UPDATE shard = shard");
    TRY(insert.bind(app.value()).bind(shard).run());
  }
  auto query = connection.query("SELECT shard FROM app_shards WHERE app = ?");
  query.bind(app.value());
  const auto lies = one_text(query);
  if (!lies) return lies.error();
  return *lies == shard ? Status() : Status(misplaced(app.value(), *lies, shard));
}

}  // namespace longwire::storage::mysql
