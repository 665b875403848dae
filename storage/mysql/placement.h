#pragma once

// What the servers themselves say about shards: each its name, and main on which shard each app
// lies. A configuration that says something else would not find what is stored, so it is refused.
// Plain calls that block, on the caller's connection. Private to this folder.

#include <string>

#include "middle/model/ids.h"
#include "storage/mysql/connection.h"
#include "storage/mysql/shard_table.h"

namespace longwire::storage::mysql {

// Gives the database its name, once. kInvalidArgument: it is another shard's.
Status claim_name(Connection& connection, const std::string& name);

// kInvalidArgument: the server is one of a pair. What it answers counts only with the other asked.
Status must_be_no_pair(Connection& connection);

// On main. kInvalidArgument: `table` has an app elsewhere than it lies.
Status check_placement(Connection& connection, const ShardTable& table);

// On main. Does any app lie there?
Result<bool> holds_apps(Connection& connection, const std::string& shard);

// On main, in the transaction that stores the app. kInvalidArgument: it lies elsewhere.
Status place_app(Connection& connection, const middle::AppId& app, const std::string& shard);

}  // namespace longwire::storage::mysql
