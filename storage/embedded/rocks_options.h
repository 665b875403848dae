#pragma once

// Private to this folder and to tests that put another file system below.

#include <rocksdb/file_system.h>
#include <rocksdb/options.h>

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "storage/embedded/embedded_store.h"

namespace longwire::storage {

// Tuned for rows of 16 to 300 bytes that come fast, are read soon, and mostly expire.
// `clock` and `environment` outlive the database.
rocksdb::Options make_rocks_options(const EmbeddedStoreOptions& options, const Clock& clock,
                                    rocksdb::Env* environment);

// As open_embedded_store, on a file system that can be made to fail.
Result<std::unique_ptr<EmbeddedStore>> open_embedded_store_on(
    const std::shared_ptr<rocksdb::FileSystem>& file_system, EmbeddedStoreOptions options,
    const Clock& clock, LogSink& log);

}  // namespace longwire::storage
