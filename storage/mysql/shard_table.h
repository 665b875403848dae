#pragma once

// ShardTable: on which shard an app's topics and counters lie. Apps themselves, users and rosters
// lie on the first, which is called "main" and is the server, or pair, of mysql.address. Private to
// this folder.
//
//   shards     = ["two=db2:3306", "three=db3:3306+db4:3306"]    a pair has a plus
//   shard_apps = ["4711=two", "hash:32768-65535=three"]         all others: main
//
// An app that is named goes before a range; a range is of home_hash(id), 0 to 65535, both ends in.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "middle/model/ids.h"
#include "storage/mysql/options.h"

namespace longwire::storage::mysql {

inline constexpr char kMainShard[] = "main";

// Immutable.
class ShardTable final {
 public:
  // kInvalidArgument: an entry says nothing, names no shard, or overlaps with another.
  static Result<ShardTable> parse(const Options& options);

  std::size_t size() const { return names_.size(); }
  const std::string& name(std::size_t shard) const { return names_[shard]; }
  // What to open it with.
  const Options& options(std::size_t shard) const { return options_[shard]; }
  std::size_t shard_of(const middle::AppId& app) const;

 private:
  struct Range {
    std::uint64_t last = 0;
    std::size_t shard = 0;
  };

  Status add_shard(const Options& options, const std::string& entry);
  Status add_apps(const std::string& entry);
  Status add_range(const std::string& text, std::size_t shard);

  std::vector<std::string> names_;
  std::vector<Options> options_;
  std::map<std::string, std::size_t> apps_;
  std::map<std::uint64_t, Range> ranges_;  // by the first of each
};

}  // namespace longwire::storage::mysql
