#pragma once

// WorkerProcess: a child process on a loop: started, signalled, its end told.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/function.h"
#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/result.h"

namespace longwire::daemon {

struct ChildCommand {
  std::vector<std::string> words;  // the first is the program's path
  std::vector<int> inherited;      // descriptors that it gets, under the same numbers
};

// Loop-bound. Destroyed while the child runs, it kills it and waits for its end. The thread of the
// loop is what a child counts as its parent (PR_SET_PDEATHSIG).
class WorkerProcess final : public net::Watcher {
 public:
  // As waitpid() tells it; may destroy the process.
  using Ended = UniqueFunction<void(int status)>;

  // kUnavailable: there is no such program, or the system does not start it.
  static Result<std::unique_ptr<WorkerProcess>> start(net::Loop& loop, const ChildCommand& command,
                                                      Ended ended);
  ~WorkerProcess() override;
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  // Watcher.
  void on_readable() override;
  void on_writable() override {}

 private:
  WorkerProcess(net::Loop& loop, pid_t pid, net::Descriptor descriptor, Ended ended);

  net::Loop& loop_;
  const pid_t pid_;
  net::Descriptor descriptor_;  // readable once the child has ended
  Ended ended_;
};

// "exit 1", "signal 9": for the log.
std::string describe_end(int status);

}  // namespace longwire::daemon
