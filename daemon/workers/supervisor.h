#pragma once

// Supervisor: the worker processes of a front end. It opens the sockets that they accept on, and
// keeps them open: connections that come while a worker is down wait in its sockets for the next
// one. A worker is this program, executed anew; one that dies is started again, at once the first
// time, later and later where it dies again and again: then others get what comes meanwhile.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/function.h"
#include "base/net/loop.h"
#include "daemon/control/control_table.h"
#include "daemon/workers/workers_config.h"
#include "xmpp/server/xmpp_server.h"

namespace longwire::daemon {

struct SupervisorParts {
  net::Loop& loop;
  Environment environment;  // its executor is `loop`
  const WorkersConfig& config;
  const xmpp::XmppConfig& addresses;
  std::int64_t loops_per_worker = 1;
  std::vector<std::string> command;  // the program's path and arguments, without the seat
};

// Loop-bound but for merged_page() and addresses(). What is given outlives it.
class Supervisor final {
 public:
  // Opens all sockets; starts nothing yet. Any thread.
  static Result<std::unique_ptr<Supervisor>> open(SupervisorParts parts);
  // Kills those that are left.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  const xmpp::XmppAddresses& addresses() const;

  // `done` when all serve; an error when one ended before: the others are stopped by stop().
  void start(Callback<void> done);
  // SIGHUP to each.
  void reload();
  // All end, in order (SIGTERM); those that do not in time are killed. Once.
  void stop(Callback<void> done);

  // "workers" and "drain".
  void add_control(ControlTable& table);

  // The page of `own` metrics with those of all workers, five seconds old at most while they
  // answer. Thread-safe.
  std::string merged_page(std::string_view own) const;

 private:
  struct State;
  explicit Supervisor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace longwire::daemon
