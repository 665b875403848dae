#pragma once

// The tables of the MySQL directory, and how older ones become those of today. The table
// `schema_versions` says what was done, one row a step. For `longwire storage init|check`.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/mysql/options.h"

namespace longwire::storage::mysql {

struct SchemaState {
  std::uint64_t version = 0;       // 0: there are no tables
  std::uint64_t version_here = 0;  // what this program makes
  // What is missing, in order: a sentence a step. After prepare_schema(): what was done.
  std::vector<std::string> steps;
};

// Looks, changes nothing. Errors: kUnsupported (newer than this program), kUnavailable. Blocks.
Result<SchemaState> check_schema(const Options& options);

// Does what is missing. Several may call it at once: one works, the others find it done; one that
// was cut short is done again. Errors: as above. Blocks.
Result<SchemaState> prepare_schema(const Options& options);

// Removes the rows of writers (see session.h) that have not written for options.writer_kept.
// Blocks.
Status forget_old_writers(const Options& options);

}  // namespace longwire::storage::mysql
