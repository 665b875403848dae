#pragma once

// The data behind the memory back ends. Private to this folder.

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "middle/ports/directory.h"
#include "middle/ports/partition_store.h"

namespace longwire::storage {

struct MemoryRow {
  Bytes value;
  std::optional<Timestamp> expires;
};

struct MemoryPartition {
  middle::Head head;
  std::map<Bytes, MemoryRow> rows;
};

struct MemoryTopics {
  struct Interval {
    middle::FeedNumber since = 1;
    std::optional<middle::FeedNumber> until;
  };
  std::map<middle::PartitionId, middle::Position> applied;
  std::map<std::pair<middle::AppId, middle::Tag>, std::map<middle::RegId, Interval>> carriers;
};

struct MemoryTables {
  std::map<middle::AppId, middle::App> apps;
  std::map<middle::XmppAccount, middle::User> users;
  std::map<std::pair<middle::XmppAccount, std::string>, middle::RosterItem> roster;
  std::uint64_t roster_version = 0;  // of the last change of any roster
  MemoryTopics topics;
  std::map<std::tuple<middle::AppId, std::string, std::string>, std::uint64_t> counters;
};

class MemoryStorage final {
 public:
  explicit MemoryStorage(middle::StorageInfo made_with)
      : info(std::move(made_with)), partitions(std::vector<MemoryPartition>(info.partitions)) {}

  const middle::StorageInfo info;
  Guarded<std::vector<MemoryPartition>> partitions;
  Guarded<MemoryTables> tables;
};

}  // namespace longwire::storage
