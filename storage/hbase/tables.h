#pragma once

// The tables themselves, and the row that says what the storage is: made once, checked at each
// start.

#include <string>
#include <vector>

#include "middle/ports/partition_store.h"
#include "storage/hbase/link.h"

namespace longwire::storage::hbase {

// Makes what is not there: tables, then the storage's row. What is there stays as it is, so it may
// be repeated, also after a failure in the middle and by two at once; answers what the storage was
// made with. Blocks for as long as HBase makes tables.
Result<middle::StorageInfo> make_storage(Link& link, const Options& options,
                                         const middle::StorageInfo& info);

// What make_storage would do: a sentence a step.
Result<std::vector<std::string>> making_steps(Link& link, const Options& options,
                                              const middle::StorageInfo& info);

// What the storage was made with. kNotFound: there is none. kUnsupported: of a newer format.
// kCorrupt: a table would lose or bring back rows (a time to live, several versions).
Result<middle::StorageInfo> check_storage(Link& link, const Options& options);

// kCorrupt: the storage is another than `info`, as when an import into it has begun since.
Status check_unchanged(Link& link, const Options& options, const middle::StorageInfo& info);

// Writes `to` where `from` stands; see hbase_store.h.
Status replace_info(Link& link, const Options& options, const middle::StorageInfo& from,
                    const middle::StorageInfo& to);

// Removes both tables and all that is in them. For tests.
Status drop_storage(Link& link, const Options& options);

}  // namespace longwire::storage::hbase
