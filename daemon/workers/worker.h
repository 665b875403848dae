#pragma once

// Worker: one running worker process as its supervisor sees it. Inside of daemon/workers.

#include <chrono>
#include <memory>
#include <string>

#include "base/environment.h"
#include "base/net/loop.h"
#include "daemon/control/control_link.h"
#include "daemon/workers/worker_process.h"
#include "daemon/workers/worker_seat.h"

namespace longwire::daemon {

enum class WorkerState {
  kStarting,  // does not accept yet
  kServing,
  kLeaving,  // accepts nothing any more; ends when its sessions have left
};
std::string_view worker_state_name(WorkerState state);

struct WorkerParts {
  net::Loop& loop;
  const Clock& clock;
  const std::vector<std::string>& command;  // without the seat
  int number = 0;
  const std::vector<xmpp::XmppSockets>& sockets;  // stay the supervisor's
};

// Loop-bound. What is given outlives it.
class Worker final {
 public:
  struct Events {
    UniqueFunction<void(Worker&)> serving;
    UniqueFunction<void()> refreshed;  // a question for its state is answered, or never will be
    // Destroys it.
    UniqueFunction<void(Worker&, int status)> ended;
  };

  static Result<std::unique_ptr<Worker>> start(const WorkerParts& parts, Events events);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  WorkerState state() const { return state_; }
  int pid() const { return process_->pid(); }
  // How long it has served; zero while it starts.
  std::chrono::milliseconds served() const;

  // From serving to leaving.
  void leave(std::chrono::milliseconds spread);
  void signal(int number) const { process_->signal(number); }
  // Killed if it runs still after `left`; the last call counts.
  void kill_after(std::chrono::milliseconds left);

  // Asks for its state; what it said last is in the two below.
  void refresh();
  bool asked() const { return asked_; }
  // {"version", "connections", "sessions"}; empty before its first answer.
  const Json& status() const { return status_; }
  const std::string& page() const { return page_; }

 private:
  Worker(const WorkerParts& parts, Events events);
  void take_status(const Result<Json>& answer);

  net::Loop& loop_;
  const Clock& clock_;
  Events events_;
  WorkerState state_ = WorkerState::kStarting;
  MonotonicTime serving_since_{};
  TimerId kill_timer_ = TimerId::kNone;
  bool asked_ = false;
  Json status_ = Json::object();
  std::string page_;
  std::unique_ptr<ControlLink> link_;
  std::unique_ptr<WorkerProcess> process_;
};

}  // namespace longwire::daemon
