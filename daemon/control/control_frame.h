#pragma once

// What commands and the server say to each other over the Unix socket of the data directory.
//
//   frame    = length(4 bytes, big-endian) JSON text
//   request  = {"command": "app.create", "params": {…}}
//   response = {"result": …} | {"error": {"code": "not_found", "message": "…", "retryAfterMs": 0}}
//
// One connection may carry several requests, each answered before the next is read.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::daemon {

using Json = nlohmann::json;

inline constexpr std::size_t kControlRequestBytesMax = 1024 * 1024;
inline constexpr std::size_t kControlResponseBytesMax = 64 * 1024 * 1024;

struct ControlRequest {
  std::string command;
  Json params;
};

// Text that is not UTF-8 is written with replacement characters.
Bytes encode_control_frame(const Json& document);

// Takes one frame from the front of `buffer`. Empty: more bytes are wanted. kCorrupt: not a frame,
// or above `bytes_max`; the connection is of no more use.
Result<std::optional<Json>> take_control_frame(Bytes& buffer, std::size_t bytes_max);

Json make_control_request(const ControlRequest& request);
Result<ControlRequest> read_control_request(const Json& document);

Json make_control_response(const Result<Json>& outcome);
// What the server answered, an error with the code it gave.
Result<Json> read_control_response(const Json& document);

}  // namespace longwire::daemon
