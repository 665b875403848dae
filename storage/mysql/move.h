#pragma once

// What the move of a storage reads and writes in tables; see people.h for how to call it. Private
// to this folder.

#include <cstdint>
#include <vector>

#include "middle/ports/directory.h"
#include "storage/mysql/connection.h"

namespace longwire::storage::mysql {

Result<std::vector<middle::RosterItem>> list_roster(Connection& connection,
                                                    const middle::RosterItem& after,
                                                    std::size_t limit);
Result<std::vector<middle::TopicRow>> list_topics(Connection& connection,
                                                  const middle::TopicRow& after, std::size_t limit);
Result<std::vector<middle::CounterRow>> list_counters(Connection& connection,
                                                      const middle::CounterRow& after,
                                                      std::size_t limit);
Result<std::uint64_t> roster_version(Connection& connection);
Status load_rows(Connection& connection, const middle::DirectoryRows& rows);

}  // namespace longwire::storage::mysql
