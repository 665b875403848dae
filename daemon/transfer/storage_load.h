#pragma once

// The rows of a move into a storage that is new, and whether they are there.

#include "daemon/move/move_decoder.h"
#include "daemon/transfer/storage_export.h"

namespace longwire::daemon {

// kAlreadyExists: it holds something. Blocks.
Status must_be_empty(BackEnds& back_ends, Environment environment);

// Writes all that follows the header, then reads all of the storage and compares. May be repeated,
// after it was cut short too. Blocks, long; as export_storage. Errors: those of the decoder;
// kDeposed; kCorrupt: the storage does not hold what the file does, and how they differ.
Result<MoveSummary> load_storage(BackEnds& back_ends, Environment environment, MoveDecoder& decoder,
                                 const MoveProgress& progress);

}  // namespace longwire::daemon
