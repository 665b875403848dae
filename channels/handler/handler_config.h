#pragma once

// What an operator may set about channels that programs outside serve: keys "channels.*".

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace longwire::channels {

// A value; does not change while the server runs.
struct HandlersConfig {
  std::vector<std::string> handlers;  // "orders:16=127.0.0.1:9600"
  std::string push_listen;            // where handlers call push; empty: nowhere
  std::chrono::milliseconds call_timeout = std::chrono::seconds(5);
  std::int64_t calls_in_flight_max = 256;   // of a handler
  std::int64_t requests_in_flight_max = 8;  // of a session
  std::int64_t frame_bytes_max = 65'536;
  std::int64_t failures_max = 5;
  std::chrono::milliseconds retry_pause = std::chrono::seconds(5);
  std::int64_t pushes_per_second = 1'000;  // of a handler
  std::int64_t push_connections_max = 64;
};
void declare_config(ConfigSchema& schema, HandlersConfig& config);

// One of `handlers`.
struct HandlerPlace {
  std::string channel;
  std::uint32_t number = 0;  // on slim
  std::string address;       // "ip:port", not looked at here
};
// kInvalidArgument: not of this form, or two of the same name or number.
Result<std::vector<HandlerPlace>> handler_places(const HandlersConfig& config);

}  // namespace longwire::channels
