#pragma once

// Session: one connection's protocol, whatever its version: bytes in, requests and bytes out. No
// socket and no clock: time is told.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "http_front/protocol/http1_parser.h"
#include "http_front/protocol/message.h"

namespace longwire::http {

enum class StreamId : std::int32_t {};

struct SessionLimits {
  ParserLimits parser;
  std::size_t requests_max = 1'000'000;  // then the connection ends in order
  std::size_t streams_max = 100;         // HTTP/2: at once
  // HTTP/2: bodies of one connection that are not complete; further streams are refused.
  std::size_t unfinished_bodies_max = 4 * 1024 * 1024;
  // HTTP/2: resets, pings, settings, empty frames: a bucket of so many, refilled at so many a
  // second; a peer that empties it is sent away.
  double control_frames_burst = 1'000;
  double control_frames_per_second = 100;
  std::chrono::milliseconds receive_timeout = std::chrono::seconds(30);  // first byte to last
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(60);   // by the handler
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(5);
};

// Bytes of bodies that wait for their end, of all connections of a loop. Loop-bound.
struct BodyMemory {
  std::size_t used = 0;
  std::size_t max = 256 * 1024 * 1024;
  bool full() const { return used >= max; }
};

// What a session asks of its connection. Loop-bound.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  // May call respond() at once.
  virtual void on_request(StreamId stream, Request request) = 0;
  virtual void on_output(BytesView bytes) = 0;
  virtual std::string_view date() const = 0;
};

// Loop-bound. respond() for a stream that is gone is ignored.
class Session {
 public:
  virtual ~Session() = default;
  virtual void receive(BytesView data, MonotonicTime now) = 0;
  virtual void respond(StreamId stream, Response response, MonotonicTime now) = 0;
  // No further requests; finished() once those that run are answered.
  virtual void shut_down(MonotonicTime now) = 0;
  // Ends what took too long.
  virtual void check_time(MonotonicTime now) = 0;
  // While blocked, nothing is produced and nothing is to be received.
  virtual void set_blocked(bool blocked, MonotonicTime now) = 0;
  // All is said: flush, then close.
  virtual bool finished() const = 0;
  // False: what is there must be worked off first.
  virtual bool wants_input() const = 0;
};

std::unique_ptr<Session> make_http1_session(const SessionLimits& limits, BodyMemory& memory,
                                            SessionHost& host, MonotonicTime now);
std::unique_ptr<Session> make_http2_session(const SessionLimits& limits, BodyMemory& memory,
                                            SessionHost& host, MonotonicTime now);

}  // namespace longwire::http
