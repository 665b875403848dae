#pragma once

// Makes the device account: POST <api>/v1/devices, once in a device's life.

#include <string>

#include "base/result.h"
#include "longwire/sdk/client.h"
#include "sdk/cpp/state.h"

namespace longwire::sdk {

// Blocks, at most half a minute. kUnauthenticated: the app id and key are not accepted.
// kUnavailable and kResourceExhausted: worth another try.
Result<Account> create_account(const Options& options);

// The parts that need no network. kInvalidArgument: not an https:// address.
Status check_api(const std::string& url);
Result<Account> read_account(long http_status, const std::string& body);

}  // namespace longwire::sdk
