#pragma once

// What lies in Redis of a storage's mirror, counted there.

#include <cstdint>

#include "base/function.h"
#include "middle/ports/storage_info.h"
#include "storage/redis/router.h"

namespace longwire::storage::mirror {

struct MirrorCensus {
  std::uint64_t partitions = 0;  // that have a seal
  std::uint64_t copies = 0;      // of rows, of the generations that count
  std::uint64_t outdated = 0;    // of others; they expire
};

// Walks all keys of the servers once per partition: for people, not for programs that run often.
// What is written meanwhile may be counted or not. Loop-bound, to the router's loop; the router
// outlives the answer.
void take_census(redis::Router& router, const middle::StorageInfo& info,
                 Callback<MirrorCensus> done);

}  // namespace longwire::storage::mirror
