#pragma once

// GatewayConnection over Thrift: the compact protocol on a buffered, unframed transport (framed
// gateways mangle the split keys of createTable). Limits are set on the protocol, so that no answer
// makes us allocate more than they say.

#include <chrono>
#include <cstdint>
#include <string>

#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {

struct ThriftLimits {
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds call_timeout{10'000};
  std::int32_t value_bytes_max = 16 * 1024 * 1024;  // of one string in an answer
  std::int32_t items_max = 65'536;                  // of one list in an answer
  std::int32_t answer_bytes_max = 256 * 1024 * 1024;
};

struct GatewayAddress {
  std::string host;
  int port = 0;
};
// Of "host:port". kInvalidArgument: it is none.
Result<GatewayAddress> parse_gateway_address(const std::string& text);

// `address` as above. Blocks for at most the connect timeout.
Result<std::unique_ptr<GatewayConnection>> connect_thrift(const std::string& address,
                                                          const ThriftLimits& limits);

}  // namespace longwire::storage::hbase
