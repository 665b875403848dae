#include "daemon/workers/worker.h"

#include <signal.h>
#include <sys/socket.h>

#include <utility>

namespace longwire::daemon {
namespace {

struct SocketPair {
  net::Descriptor ours;
  net::Descriptor theirs;
};

Result<SocketPair> make_pair_of_sockets() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    return Error{ErrorCode::kUnavailable, "cannot make a connection to a worker"};
  }
  return SocketPair{net::Descriptor(ends[0]), net::Descriptor(ends[1])};
}

SeatNumbers seat_of(const WorkerParts& parts, const net::Descriptor& control) {
  SeatNumbers seat{parts.number, control.get(), {}};
  for (const auto& pair : parts.sockets) {
    seat.sockets.emplace_back(pair.plain.get(), pair.secured.get());
  }
  return seat;
}

}  // namespace

std::string_view worker_state_name(WorkerState state) {
  switch (state) {
    case WorkerState::kStarting:
      return "starting";
    case WorkerState::kServing:
      return "serving";
    case WorkerState::kLeaving:
      return "leaving";
  }
  return "";
}

Worker::Worker(const WorkerParts& parts, Events events)
    : loop_(parts.loop), clock_(parts.clock), events_(std::move(events)) {}

Worker::~Worker() { loop_.cancel(kill_timer_); }

Result<std::unique_ptr<Worker>> Worker::start(const WorkerParts& parts, Events events) {
  auto sockets = make_pair_of_sockets();
  if (!sockets.ok()) return sockets.error();
  const SeatNumbers seat = seat_of(parts, sockets->theirs);
  ChildCommand command{parts.command, seat.descriptors()};
  command.words.push_back("--worker=" + seat.to_text());
  std::unique_ptr<Worker> worker(new Worker(parts, std::move(events)));
  auto process = WorkerProcess::start(parts.loop, command, [self = worker.get()](int status) {
    auto ended = std::move(self->events_.ended);
    ended(*self, status);
  });
  if (!process.ok()) return process.error();
  worker->process_ = std::move(*process);
  worker->link_ = std::make_unique<ControlLink>(parts.loop, std::move(sockets->ours));
  worker->refresh();  // answered once it serves
  return worker;
}

std::chrono::milliseconds Worker::served() const {
  if (state_ == WorkerState::kStarting) return std::chrono::milliseconds(0);
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic() - serving_since_);
}

void Worker::leave(std::chrono::milliseconds spread) {
  state_ = WorkerState::kLeaving;
  link_->call({"drain", {{"spreadMs", spread.count()}}}, [this](const Result<Json>& answer) {
    // It ends all the same, only less gently.
    if (!answer.ok()) signal(SIGTERM);
  });
}

void Worker::kill_after(std::chrono::milliseconds left) {
  loop_.cancel(kill_timer_);
  kill_timer_ = loop_.schedule(left, [this] { signal(SIGKILL); });
}

void Worker::refresh() {
  if (std::exchange(asked_, true)) return;
  link_->call({"status", Json::object()}, [this](const Result<Json>& answer) {
    asked_ = false;
    if (answer.ok()) take_status(answer);
    events_.refreshed();
  });
}

void Worker::take_status(const Result<Json>& answer) {
  status_ = *answer;
  page_ = status_.value("metrics", "");
  status_.erase("metrics");
  if (state_ != WorkerState::kStarting) return;
  state_ = WorkerState::kServing;
  serving_since_ = clock_.monotonic();
  loop_.cancel(std::exchange(kill_timer_, TimerId::kNone));
  events_.serving(*this);
}

}  // namespace longwire::daemon
