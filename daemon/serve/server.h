#pragma once

// Server: everything wired. storage -> middle -> links of each loop -> channels -> xmpp,
// http_front, control socket.
//
// It stops in this order, each step finished before the next (and starts in the reverse):
//   1. the control socket      no more commands
//   2. http_front              no more sends: requests that run are answered
//   3. xmpp                    workers end; sessions closed with <system-shutdown/>, their cursors
//                              handed over
//   4. handlers                their channels are gone: connections closed
//   5. middle                  of several, its partitions given away; commits under way done; then
//                              nothing is written any more
//   6. storage                 closed
//   7. loops                   nothing is left that belongs to them

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "daemon/serve/data_directory.h"
#include "daemon/serve/demo.h"
#include "daemon/serve/ports_file.h"
#include "daemon/serve/settings.h"
#include "daemon/workers/worker_seat.h"

namespace longwire::daemon {

// What is the same for all threads.
struct ServerWorld {
  const Clock& clock;
  Random& random;
  LogSink& log;
  Metrics& metrics;
};

// Where this process sits among several that share the XMPP ports (xmpp.workers).
struct ServerPlace {
  std::optional<WorkerSeat> seat = {};           // of a worker
  std::vector<std::string> worker_command = {};  // of a supervisor: how it starts one
};

// All calls from the main thread, which is no loop; they block.
class Server final {
 public:
  // Returns once every listener accepts. An error has undone what was begun. Settings and world
  // outlive the server.
  static Result<std::unique_ptr<Server>> start(const Settings& settings, const DataPaths& paths,
                                               const ServerWorld& world, ServerPlace place);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const Ports& ports() const;
  const std::optional<DemoCredentials>& demo() const;  // empty: ensure_demo() says when
  const std::string& certificate_path() const;

  // The server's and the tier's, for connections that come from now on, those of workers too.
  Status reload_certificates();

  // In the order above. Once; the destructor does it where it was not done.
  void stop();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace longwire::daemon
