#pragma once

// What the move of a storage reads and writes in SQLite; see directory_people.h for how to call it.
// Private to this folder.

#include <cstdint>
#include <vector>

#include "middle/ports/directory.h"
#include "storage/embedded/sqlite.h"

namespace longwire::storage {

Result<std::vector<middle::RosterItem>> list_roster(SqliteConnection& connection,
                                                    const middle::RosterItem& after,
                                                    std::size_t limit);
Result<std::vector<middle::TopicRow>> list_topics(SqliteConnection& connection,
                                                  const middle::TopicRow& after, std::size_t limit);
Result<std::vector<middle::CounterRow>> list_counters(SqliteConnection& connection,
                                                      const middle::CounterRow& after,
                                                      std::size_t limit);
Result<std::uint64_t> roster_version(SqliteConnection& connection);
Status load_rows(SqliteConnection& connection, const middle::DirectoryRows& rows);

}  // namespace longwire::storage
