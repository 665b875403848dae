#include "base/net/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/guarded.h"
#include "base/net/address.h"
#include "base/net/timer_heap.h"

namespace longwire::net {
namespace {

constexpr int kEventsPerTurn = 256;
constexpr std::uint64_t kWakeTag = ~std::uint64_t{0};
constexpr int kWaitMsMax = 60'000;

std::uint32_t epoll_events(Interest interest) {
  switch (interest) {
    case Interest::kNone:
      return 0;
    case Interest::kRead:
      return EPOLLIN;
    case Interest::kWrite:
      return EPOLLOUT;
    case Interest::kReadWrite:
      return EPOLLIN | EPOLLOUT;
  }
  return 0;
}

}  // namespace

struct Loop::State {
  // Reached by other threads.
  struct Queue {
    std::vector<Task> tasks;
    bool sleeping = false;  // only then does a post have to wake the loop
    bool stopping = false;
    bool stopped = false;
  };
  struct Watched {
    Watcher* watcher = nullptr;
    std::uint32_t generation = 0;  // events of an earlier watch of the same number do not match
    Interest interest = Interest::kNone;
  };

  std::string name;
  Descriptor epoll;
  Descriptor wake;
  std::atomic<std::thread::id> thread{};
  Guarded<Queue> queue;

  // The loop's own.
  MonotonicTime turn_time{0};
  std::vector<Watched> watched;  // by descriptor
  TimerHeap timers;
  std::vector<Task> end_of_turn;

  void check_bound() const {
    const std::thread::id runner = thread.load(std::memory_order_relaxed);
    CHECK(runner == std::thread::id() || runner == std::this_thread::get_id());
  }

  void wake_up() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the loop wakes anyway.
    [[maybe_unused]] const ssize_t written = ::write(wake.get(), &one, sizeof one);
  }

  // Level-triggered EPOLLERR and EPOLLHUP cannot be switched off, so a descriptor without interest
  // leaves the set, or it would keep the loop spinning.
  void set_interest(int descriptor, Interest interest) {
    Watched& entry = watched[static_cast<std::size_t>(descriptor)];
    const bool was_in = entry.interest != Interest::kNone;
    const bool is_in = interest != Interest::kNone;
    entry.interest = interest;
    if (!was_in && !is_in) return;
    epoll_event event{};
    event.events = epoll_events(interest);
    event.data.u64 = std::uint64_t{entry.generation} << 32 | static_cast<std::uint32_t>(descriptor);
    const int operation = !was_in ? EPOLL_CTL_ADD : is_in ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
    CHECK(epoll_ctl(epoll.get(), operation, descriptor, &event) == 0);
  }

  // 0 when there is work already; else marks the loop as sleeping, so that a post wakes it.
  int wait_ms() {
    auto shared = queue.lock();
    if (shared->stopping || !shared->tasks.empty() || !end_of_turn.empty()) return 0;
    shared->sleeping = true;
    const auto due = timers.next_due();
    if (!due) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*due - system_clock().monotonic());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kWaitMsMax));
  }

  Watcher* live_watcher(std::uint64_t tag) {
    const auto descriptor = static_cast<std::uint32_t>(tag);
    if (descriptor >= watched.size()) return nullptr;
    const Watched& entry = watched[descriptor];
    return entry.generation == static_cast<std::uint32_t>(tag >> 32) ? entry.watcher : nullptr;
  }

  bool wants(std::uint64_t tag, Interest interest) {
    if (live_watcher(tag) == nullptr) return false;
    const auto wanted = watched[static_cast<std::uint32_t>(tag)].interest;
    return (static_cast<unsigned>(wanted) & static_cast<unsigned>(interest)) != 0;
  }

  // A handler may unwatch, change or close anything, itself included: ask anew before each call.
  void dispatch(const epoll_event& event) {
    const std::uint64_t tag = event.data.u64;
    if (tag == kWakeTag) {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = ::read(wake.get(), &count, sizeof count);
      return;
    }
    const bool failed = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    if (((event.events & EPOLLIN) != 0 || failed) && wants(tag, Interest::kRead)) {
      live_watcher(tag)->on_readable();
    }
    if (((event.events & EPOLLOUT) != 0 || failed) && wants(tag, Interest::kWrite)) {
      live_watcher(tag)->on_writable();
    }
  }

  void run_timers() {
    while (Task task = timers.take_due(turn_time)) task();
  }

  void run_posted() {
    std::vector<Task> tasks;
    tasks.swap(queue.lock()->tasks);
    for (Task& task : tasks) {
      task();
      task = nullptr;
    }
  }

  void run_end_of_turn() {
    while (!end_of_turn.empty()) {
      std::vector<Task> tasks;
      tasks.swap(end_of_turn);
      for (Task& task : tasks) {
        task();
        task = nullptr;
      }
    }
  }

  void turn() {
    epoll_event events[kEventsPerTurn];
    const int count = epoll_wait(epoll.get(), events, kEventsPerTurn, wait_ms());
    CHECK(count >= 0 || errno == EINTR);
    queue.lock()->sleeping = false;
    turn_time = system_clock().monotonic();
    for (int i = 0; i < count; ++i) dispatch(events[i]);
    run_timers();
    run_posted();
    run_end_of_turn();
  }

  // Destroying a task may post, schedule or defer again.
  void destroy_queued() {
    std::vector<Task> tasks;
    {
      auto shared = queue.lock();
      shared->stopped = true;
      tasks.swap(shared->tasks);
    }
    tasks.clear();
    while (!end_of_turn.empty() || !timers.empty()) {
      tasks.swap(end_of_turn);
      tasks.clear();
      while (timers.take_due(MonotonicTime::max())) {
      }
    }
  }
};

Loop::Loop(std::string name) : state_(std::make_unique<State>()) {
  state_->name = std::move(name);
  state_->epoll = Descriptor(epoll_create1(EPOLL_CLOEXEC));
  state_->wake = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  CHECK(state_->epoll.valid());
  CHECK(state_->wake.valid());
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeTag;
  CHECK(epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, state_->wake.get(), &event) == 0);
  state_->turn_time = system_clock().monotonic();
}

Loop::~Loop() { state_->destroy_queued(); }

void Loop::run() {
  CHECK(state_->thread.load() == std::thread::id());
  state_->thread.store(std::this_thread::get_id());
  while (!state_->queue.lock()->stopping) state_->turn();
  state_->destroy_queued();
  state_->thread.store(std::thread::id());
}

void Loop::stop() {
  auto shared = state_->queue.lock();
  shared->stopping = true;
  if (std::exchange(shared->sleeping, false)) state_->wake_up();
}

void Loop::post(Task task) {
  auto shared = state_->queue.lock();
  if (shared->stopped) {
    // The task dies with the argument, after the lock is given up.
    return;
  }
  shared->tasks.push_back(std::move(task));
  if (std::exchange(shared->sleeping, false)) state_->wake_up();
}

void Loop::post_quietly(Task task) {
  auto shared = state_->queue.lock();
  if (!shared->stopped) shared->tasks.push_back(std::move(task));  // else: as in post()
}

TimerId Loop::schedule(std::chrono::milliseconds delay, Task task) {
  state_->check_bound();
  return state_->timers.add(system_clock().monotonic() + delay, std::move(task));
}

void Loop::cancel(TimerId timer) {
  state_->check_bound();
  const Task forgotten = state_->timers.remove(timer);
}

bool Loop::in_loop() const { return state_->thread.load() == std::this_thread::get_id(); }

void Loop::watch(int descriptor, Interest interest, Watcher& watcher) {
  state_->check_bound();
  CHECK(descriptor >= 0);
  const auto index = static_cast<std::size_t>(descriptor);
  if (index >= state_->watched.size()) state_->watched.resize(index + 1);
  State::Watched& entry = state_->watched[index];
  CHECK(entry.watcher == nullptr);
  entry.watcher = &watcher;
  entry.interest = Interest::kNone;
  state_->set_interest(descriptor, interest);
}

void Loop::change(int descriptor, Interest interest, Watcher& watcher) {
  state_->check_bound();
  CHECK(state_->watched.at(static_cast<std::size_t>(descriptor)).watcher == &watcher);
  state_->set_interest(descriptor, interest);
}

void Loop::unwatch(int descriptor) {
  state_->check_bound();
  State::Watched& entry = state_->watched.at(static_cast<std::size_t>(descriptor));
  CHECK(entry.watcher != nullptr);
  state_->set_interest(descriptor, Interest::kNone);
  entry.watcher = nullptr;
  ++entry.generation;
}

void Loop::at_end_of_turn(Task task) {
  state_->check_bound();
  state_->end_of_turn.push_back(std::move(task));
}

MonotonicTime Loop::turn_time() const { return state_->turn_time; }

const std::string& Loop::name() const { return state_->name; }

}  // namespace longwire::net
