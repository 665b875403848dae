#pragma once

// What is said between the server and a handler (channels/idl/channel_handler.thrift) as bytes:
// Thrift's messages in its compact protocol. Those written have their length before them; those
// read come without it.
//
// Threads: free functions without state.

#include <chrono>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::channels {

using HandlerCallId = std::int32_t;

// A session as a handler knows it.
struct HandlerPeer {
  std::string account;
  std::string resource;
  bool is_device = false;
};

// The first call on a connection.
struct HandlerWelcome {
  std::string channel = {};
  std::string domain = {};
  std::string push_address = {};  // empty: nowhere
  Bytes push_key = {};
  std::int32_t frame_bytes_max = 0;
};

struct HandlerRequest {
  HandlerPeer peer;
  Bytes payload;
  bool wants_reply = true;
  std::chrono::milliseconds deadline{0};
};

Bytes write_welcome(HandlerCallId id, const HandlerWelcome& welcome);
Bytes write_request(HandlerCallId id, const HandlerRequest& request);
Bytes write_connected(const HandlerPeer& peer);
Bytes write_disconnected(const HandlerPeer& peer);

// The longest message that is read: one whose frame is too long is refused alone, up to twice that.
constexpr std::int32_t message_bytes_max(std::int32_t frame_bytes_max) {
  return 2 * frame_bytes_max + 4096;
}

// What a handler answers: the reply's payload (nothing to a welcome), or why not.
struct HandlerAnswer {
  HandlerCallId id = 0;
  bool to_welcome = false;
  Result<Bytes> payload;
};
// kCorrupt, kResourceExhausted: no answer of a handler.
Result<HandlerAnswer> read_answer(BytesView message, std::int32_t frame_bytes_max);

// What a handler asks for.
struct PushCall {
  HandlerCallId id = 0;
  Bytes key;
  std::string account;
  std::string resource;  // empty: all sessions of the account
  Bytes payload;
};
Result<PushCall> read_push_call(BytesView message, std::int32_t frame_bytes_max);
// To how many sessions it went, or why not.
Bytes write_push_answer(HandlerCallId id, const Result<std::int32_t>& sessions);

}  // namespace longwire::channels
