#include "middle/registry/hot_rows.h"

#include <string_view>

#include "middle/feed/feed_rows.h"

namespace longwire::middle {
namespace {
// First bytes of keys: registry_rows.cc, feed_rows.cc.
constexpr std::string_view kHotTables = "drauc";
}  // namespace

bool is_hot_row(BytesView key) {
  return !key.empty() &&
         (kHotTables.find(key.front()) != std::string_view::npos || is_feed_key(key));
}

}  // namespace longwire::middle
