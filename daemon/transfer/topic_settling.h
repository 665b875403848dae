#pragma once

// What a server does after a start, done without one: changes of topics that lie in a partition are
// brought into the directory's index and removed. So a move has the index alone to carry, and none
// of the positions that the changes are known by.

#include "daemon/transfer/partition_writer.h"
#include "middle/ports/directory.h"

namespace longwire::daemon {

// Blocks. May be repeated. kCorrupt: a change cannot be read.
Status settle_topics(middle::PartitionStore& store, middle::Directory& directory,
                     Executor& executor, middle::PartitionId partition, PartitionWriter& writer);

// Is it such a change?
bool is_topic_change(BytesView key);

}  // namespace longwire::daemon
