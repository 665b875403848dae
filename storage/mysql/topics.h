#pragma once

// The index of topics and the counters in tables; see people.h for how to call it. Private to this
// folder.

#include <cstdint>
#include <string>
#include <vector>

#include "middle/ports/directory.h"
#include "storage/mysql/connection.h"

namespace longwire::storage::mysql {

struct TopicChanges {
  middle::PartitionId partition = 0;
  middle::Position position = 0;
  std::vector<middle::TopicChange> changes;
};
Status apply_topic_changes(Connection& connection, const TopicChanges& batch);
Result<middle::Position> topics_applied(Connection& connection, middle::PartitionId partition);

struct CarrierQuery {
  middle::AppId app;
  middle::Tag tag;
  middle::RegId after;
  std::size_t limit = 0;
};
Result<std::vector<middle::TopicCarrier>> topic_carriers(Connection& connection,
                                                         const CarrierQuery& request);
Result<std::uint64_t> count_topic_carriers(Connection& connection, const middle::AppId& app,
                                           const middle::Tag& tag, middle::FeedNumber number);

struct CounterAdd {
  middle::AppId app;
  std::string day;
  std::string name;
  std::uint64_t amount = 0;
};
Result<std::uint64_t> add_to_counter(Connection& connection, const CounterAdd& add);

}  // namespace longwire::storage::mysql
