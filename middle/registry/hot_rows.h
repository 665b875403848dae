#pragma once

// Which rows are read again and again: worth a copy in a cache beside the store.

#include "base/bytes.h"

namespace longwire::middle {

// What a login and a send to a name read: devices, registrations, names, cursors, and what a feed
// is; not entries, bodies and what is read once. Any thread.
bool is_hot_row(BytesView key);

}  // namespace longwire::middle
