#include "daemon/workers/worker_process.h"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace longwire::daemon {
namespace {

// A resource of the C library's.
class SpawnPlan final {
 public:
  explicit SpawnPlan(const std::vector<int>& inherited) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    // Onto itself: it loses its close-on-exec flag, in the child alone.
    for (const int descriptor : inherited) {
      ::posix_spawn_file_actions_adddup2(&actions_, descriptor, descriptor);
    }
    // A group of its own: Ctrl-C is for the supervisor, which stops its workers in order.
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // 0, or why not. Signals that this thread blocks are blocked in the child.
  int spawn(const std::vector<std::string>& words, pid_t& pid) const {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    return ::posix_spawn(&pid, arguments.front(), &actions_, &attributes_, arguments.data(),
                         environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(net::Loop& loop,
                                                            const ChildCommand& command,
                                                            Ended ended) {
  CHECK(loop.in_loop() && !command.words.empty());
  const SpawnPlan plan(command.inherited);
  pid_t pid = 0;
  if (const int error = plan.spawn(command.words, pid); error != 0) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("cannot start {}: {}", command.words.front(), std::strerror(error))};
  }
  // glibc 2.36 declares pidfd_open() without C linkage.
  net::Descriptor descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!descriptor.valid()) {
    const int error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return Error{ErrorCode::kUnavailable, fmt::format("pidfd_open: {}", std::strerror(error))};
  }
  return std::unique_ptr<WorkerProcess>(
      new WorkerProcess(loop, pid, std::move(descriptor), std::move(ended)));
}

WorkerProcess::WorkerProcess(net::Loop& loop, pid_t pid, net::Descriptor descriptor, Ended ended)
    : loop_(loop), pid_(pid), descriptor_(std::move(descriptor)), ended_(std::move(ended)) {
  loop_.watch(descriptor_.get(), net::Interest::kRead, *this);
}

WorkerProcess::~WorkerProcess() {
  if (!descriptor_.valid()) return;
  loop_.unwatch(descriptor_.get());
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void WorkerProcess::signal(int number) const {
  if (descriptor_.valid()) ::kill(pid_, number);
}

void WorkerProcess::on_readable() {
  int status = 0;
  // An error is an end as well: whoever started us may have children reaped by the system.
  if (::waitpid(pid_, &status, WNOHANG) == 0) return;
  loop_.unwatch(descriptor_.get());
  descriptor_.reset();
  Ended ended = std::move(ended_);
  ended(status);
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit {}", WEXITSTATUS(status));
}

}  // namespace longwire::daemon
