#pragma once

// Connection: one hiredis context on the loop, pipelined; the only file that knows the library.
// Private to this folder.
//
// What its user can rely on, given how hiredis 0.14 ends a context: answers come one by one; the
// end comes once, with all calls that were not answered; after it the connection is as new.

#include <string>
#include <vector>

#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/result.h"
#include "storage/redis/call_table.h"
#include "storage/redis/options.h"

struct redisAsyncContext;

namespace longwire::storage::redis {

// Told on the loop, from within the library. It may send and open, and must not close: the library
// frees a context that is closed under its own callback at a time nobody else can know.
class ConnectionUser {
 public:
  virtual ~ConnectionUser() = default;
  // The server has greeted (credentials taken, PING answered): send.
  virtual void on_greeted() = 0;
  // It refused to; close, once outside.
  virtual void on_refused(const Error& why) = 0;
  virtual void on_answer(Call& call, Reply&& reply) = 0;
  // There are bytes to write: call flush at the end of the turn.
  virtual void on_wants_flush() = 0;
  // It has ended, by whomever. Never from within open().
  virtual void on_ended(const Error& why, std::vector<Call*> unanswered) = 0;
};

// Loop-bound.
class Connection final : private net::Watcher {
 public:
  // Both outlive it.
  Connection(net::Loop& loop, ConnectionUser& user) : loop_(loop), user_(user) {}
  // It must have ended.
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_open() const { return context_ != nullptr; }
  // Begins to connect and to greet. kUnavailable: it cannot even be tried. Not while it is open.
  Status open(const net::Address& address, const Credentials& credentials);
  // After the greeting only.
  void send(Call& call);
  void flush();
  // Ends it; not from within the user's functions. Nothing happens where it is not open.
  void close(const Error& why);

 private:
  struct Hooks;

  // net::Watcher.
  void on_readable() override;
  void on_writable() override;

  void adopt(redisAsyncContext& context);
  void greet(const Credentials& credentials);
  void want_write(bool wanted);
  void ended();

  net::Loop& loop_;
  ConnectionUser& user_;
  redisAsyncContext* context_ = nullptr;  // the library's; it frees itself at its end
  bool write_wanted_ = false;             // the loop tells when it can be written
  bool flush_wanted_ = false;             // there are bytes to write
  bool greeted_ = false;
  std::string end_reason_;         // of close() or a refusal; empty: the library knows
  std::vector<Call*> unanswered_;  // gathered while the library lets go of them
};

}  // namespace longwire::storage::redis
