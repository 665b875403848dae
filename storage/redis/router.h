#pragma once

// Router: commands to Redis, a single server or a cluster, over one pipelined connection a node, on
// the caller's own event loop.
//
// A Redis is a cache here: a lost answer slows things down. So what cannot be done soon is refused,
// not kept: the caller goes on without.

#include <memory>

#include "base/environment.h"
#include "base/function.h"
#include "base/net/loop.h"
#include "storage/redis/command.h"
#include "storage/redis/options.h"
#include "storage/redis/reply.h"

namespace longwire::storage::redis {

// Loop-bound.
class Router {
 public:
  virtual ~Router() = default;

  // `done` is called on the loop, with what the server answered (a Reply::Failure is an answer), or
  //   kInvalidArgument    no command, no such key word, or a command that changes the connection
  //                       or the protocol (SUBSCRIBE, MULTI, HELLO, …)
  //   kResourceExhausted  Options::in_flight_max is reached
  //   kUnavailable        it was not done: its node cannot be reached, or said "later" too long
  //   kUnknownOutcome     it may have been done: the connection broke before the answer
  //   kDeadlineExceeded   the same, after Options::command_timeout
  // Commands to one slot are done in their order while nothing fails and no slot moves; who must
  // have an order waits for the answer.
  virtual void send(Command command, Callback<Reply> done) = 0;
};

// Connects when the first command asks for it. The loop, and all that `environment` refers to,
// outlive the router; its executor is that loop. Destroy it on the loop or after the loop's end,
// not from within a callback of its own: what it still owes is then answered by a post to the loop.
// kInvalidArgument: an address of `options` is none. Any thread. SIGPIPE must be ignored.
Result<std::unique_ptr<Router>> make_router(const Options& options, net::Loop& loop,
                                            const Environment& environment);

}  // namespace longwire::storage::redis
