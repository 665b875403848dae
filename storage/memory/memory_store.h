#pragma once

// The back ends in memory: the reference for the contract suites, and what the simulation runs on.
//
// A call takes effect at once, its answer is posted to `executor`, which outlives the store. The
// answers of calls made before a store was destroyed still come. Data outlives the store where the
// caller keeps its MemoryStorage; so a restart, or two processes on one storage, can be played.
// Rows never expire.

#include <memory>

#include "base/executor.h"
#include "middle/ports/directory.h"
#include "middle/ports/partition_store.h"

namespace longwire::storage {

// What is stored. Shared: the holder, the stores on it, and nobody knows who goes last.
// Thread-safe.
class MemoryStorage;

std::shared_ptr<MemoryStorage> make_memory_storage(middle::StorageInfo info);

std::unique_ptr<middle::PartitionStore> make_memory_store(Executor& executor,
                                                          middle::StorageInfo info);
std::unique_ptr<middle::PartitionStore> make_memory_store(Executor& executor,
                                                          std::shared_ptr<MemoryStorage> storage);

std::unique_ptr<middle::Directory> make_memory_directory(Executor& executor);
std::unique_ptr<middle::Directory> make_memory_directory(Executor& executor,
                                                         std::shared_ptr<MemoryStorage> storage);

}  // namespace longwire::storage
