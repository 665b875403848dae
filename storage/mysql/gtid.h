#pragma once

// What a server has of the transactions of all masters: per domain the last sequence number, as
// "1-1-17,2-2-4" says it (domain-server-number). Private to this folder.

#include <cstdint>
#include <map>
#include <string_view>

#include "base/result.h"

namespace longwire::storage::mysql {

// Domain to number. Each master has a domain of its own, so that a number names one transaction.
using GtidPosition = std::map<std::uint64_t, std::uint64_t>;

// kInternal: no position.
Result<GtidPosition> parse_gtid_position(std::string_view text);

// Has `one` any transaction that `other` has not?
bool has_more(const GtidPosition& one, const GtidPosition& other);

// What either has.
GtidPosition together(GtidPosition one, const GtidPosition& other);

}  // namespace longwire::storage::mysql
