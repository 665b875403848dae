#pragma once

// What a member's node is called and holds:
//
//   node    = path "/members/" address        ; ephemeral: its session is the lease
//   data    = format LF life LF version *(LF any)
//   format  = "1"                              ; a later one keeps life and version where they are
//   life, version = *(any but LF)
//
// docs/formats/zookeeper.md says the same for people.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "middle/ports/membership.h"

namespace longwire::storage::zookeeper {

std::string members_path(std::string_view path);
std::string node_path(std::string_view path, std::string_view address);

// kInvalidArgument: such a member cannot be written.
Status check(const middle::Member& member);
Bytes encode_member(const middle::Member& member);
// Nothing: this is no member's data.
std::optional<middle::Member> decode_member(std::string_view address, std::string_view data);

}  // namespace longwire::storage::zookeeper
