#pragma once

// A mirror: a PartitionStore that keeps copies of rows in Redis and reads them there first, so that
// a storm of logins is none for the store behind it.
//
// The store alone is the truth, and stays complete: commits, takeovers and scans are its own. What
// get() answers is the same as without a mirror (partition_mirror.h says why), for the writer that
// owns the partition; one that was deposed may read rows as of its own last commit until it finds
// out, as it does from its own memory. Where Redis is slow or gone, rows come from the store.
//
// Copied are rows that were read once, are worth it by their key, and short.
//
// Threads: as the port says; the mirror itself lives on the loop of `environment.executor`, which
// is the router's. Callbacks run there or on the store's threads.

#include <memory>

#include "base/environment.h"
#include "middle/ports/partition_store.h"
#include "storage/mirror/options.h"
#include "storage/redis/router.h"

namespace longwire::storage::mirror {

// Whether a row is worth a copy, by its key. Any thread.
using WorthCopying = bool (*)(BytesView key);

// `store` outlives the mirror, and the loop outlives both. Destroy it not on that loop, unless
// nobody else runs it: it waits until copies that are on their way are written, but not long.
std::unique_ptr<middle::PartitionStore> make_mirror(middle::PartitionStore& store,
                                                    std::unique_ptr<redis::Router> router,
                                                    const Options& options,
                                                    WorthCopying worth_copying,
                                                    const Environment& environment);

}  // namespace longwire::storage::mirror
