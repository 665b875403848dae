#pragma once

#include "base/bytes.h"

namespace longwire::daemon {

// What `storage check` and the table of a move call a partition's row, by its key
// (docs/formats/rows.md).
const char* row_kind(BytesView key);

}  // namespace longwire::daemon
