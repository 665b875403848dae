#include "daemon/move/row_kind.h"

#include "middle/feed/feed_rows.h"

namespace longwire::daemon {

const char* row_kind(BytesView key) {
  switch (key.empty() ? '\0' : key.front()) {
    case 'e':
      return middle::is_feed_key(key) ? "feeds" : "entries";
    case 'b':
      return "messages";
    case 'c':
      return "cursors";
    case 'd':
      return "devices";
    case 'r':
      return "registrations";
    case 'a':
      return "aliases";
    case 'u':
      return "accounts";
    default:
      return "others";
  }
}

}  // namespace longwire::daemon
