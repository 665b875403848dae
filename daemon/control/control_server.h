#pragma once

// The server's side of the control socket: accepts commands' connections on one loop and answers
// them from a ControlTable.

#include <filesystem>
#include <memory>

#include "base/executor.h"
#include "base/log.h"
#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/result.h"
#include "daemon/control/control_table.h"

namespace longwire::daemon {

inline constexpr std::size_t kControlConnectionsMax = 32;  // more wait in the socket's backlog

// Loop-bound but for open(). Destroyed on its loop, after the table's services stopped answering.
class ControlServer final {
 public:
  // Listens at once; accepts from start() on. `table` outlives the server.
  static Result<std::unique_ptr<ControlServer>> open(net::Loop& loop, LogSink& log,
                                                     const std::filesystem::path& data,
                                                     const ControlTable& table);
  // Serves one connection alone, which is there already: of a process that was given it. `ended` is
  // called on the loop when the other side goes away.
  static std::unique_ptr<ControlServer> adopt(net::Loop& loop, LogSink& log,
                                              net::Descriptor connected, const ControlTable& table,
                                              Task ended);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  void start();

 private:
  struct State;
  explicit ControlServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace longwire::daemon
