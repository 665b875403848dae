#pragma once

// The index of topics and the counters in SQLite; see directory_people.h for how to call it.
// Private to this folder.

#include <cstdint>
#include <string>
#include <vector>

#include "middle/ports/directory.h"
#include "storage/embedded/sqlite.h"

namespace longwire::storage {

Status apply_topic_changes(SqliteConnection& connection, middle::PartitionId partition,
                           middle::Position position,
                           const std::vector<middle::TopicChange>& changes);
Result<middle::Position> topics_applied(SqliteConnection& connection,
                                        middle::PartitionId partition);

struct CarrierQuery {
  middle::AppId app;
  middle::Tag tag;
  middle::RegId after;
  std::size_t limit = 0;
};
Result<std::vector<middle::TopicCarrier>> topic_carriers(SqliteConnection& connection,
                                                         const CarrierQuery& request);
Result<std::uint64_t> count_topic_carriers(SqliteConnection& connection, const middle::AppId& app,
                                           const middle::Tag& tag, middle::FeedNumber number);

struct CounterAdd {
  middle::AppId app;
  std::string day;
  std::string name;
  std::uint64_t amount = 0;
};
Result<std::uint64_t> add_to_counter(SqliteConnection& connection, const CounterAdd& add);

}  // namespace longwire::storage
