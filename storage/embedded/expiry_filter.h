#pragma once

// Drops expired rows while RocksDB compacts; never a head.

#include <rocksdb/compaction_filter.h>

#include <memory>

#include "base/clock.h"

namespace longwire::storage {

// `clock` outlives the database. Thread-safe.
std::shared_ptr<rocksdb::CompactionFilterFactory> make_expiry_filter_factory(const Clock& clock);

}  // namespace longwire::storage
