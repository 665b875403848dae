#pragma once

// SimWorld: time, luck and threads of a simulation, all from one seed, in one thread.
//
// Each SimExecutor is a "thread": its tasks run in order, those of different executors interleave
// as the seed has it. Time passes only between events.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/environment.h"
#include "base/executor.h"
#include "base/metrics.h"
#include "base/random.h"

namespace longwire::sim {

using SimTime = std::chrono::milliseconds;  // since the simulation's start

// splitmix64. Bound to the simulation's thread.
class SimRandom final : public Random {
 public:
  explicit SimRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override;
  std::uint64_t next();
  bool chance(double probability);
  // Uniform in [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + next() % (high - low + 1);
  }

 private:
  std::uint64_t state_;
};

class SimExecutor;

// Outlives its executors.
class SimWorld final {
 public:
  explicit SimWorld(std::uint64_t seed);
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  // `name`: for the log.
  std::unique_ptr<SimExecutor> make_executor(std::string name = "sim");
  Environment environment(Executor& executor);
  SimRandom& random() { return random_; }
  // From now on components speak to stderr, and so does tell().
  void speak() { loud_ = true; }
  void tell(std::string_view what, std::string_view of) const;
  const Clock& clock() const;
  std::chrono::milliseconds now() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_);
  }
  // Not before `delay`, on no executor: the simulation's own doings. Cannot be cancelled.
  void at(std::chrono::milliseconds delay, Task task);

  // Runs the next event; false: there is none.
  bool step();
  void run_for(std::chrono::milliseconds time);
  std::uint64_t events_run() const { return events_run_; }

 private:
  friend class SimExecutor;
  struct SimClock;
  struct SimLog;
  using Key = std::pair<std::chrono::microseconds, std::uint64_t>;
  struct Event {
    SimExecutor* executor = nullptr;
    Task task;
  };
  Key add(std::chrono::microseconds when, SimExecutor* executor, Task task);
  // All that is queued for it.
  std::map<Key, Event> take(const SimExecutor& executor);

  SimRandom random_;
  SimRandom ids_;  // apart, so that what a component draws does not change what happens
  Metrics metrics_;
  std::unique_ptr<SimClock> clock_;
  std::chrono::microseconds now_{0};
  std::uint64_t next_ = 0;
  std::uint64_t events_run_ = 0;
  bool loud_ = false;
  std::map<Key, Event> events_;
};

// Destroying it is what a crash of the thread does: nothing that was queued runs. Paused, it is a
// thread that is not scheduled: what is queued and what comes waits, timers too.
class SimExecutor final : public Executor {
 public:
  SimExecutor(SimWorld& world, std::string name);
  ~SimExecutor() override;

  void post(Task task) override;
  // As late as may be: with the next that is posted.
  void post_quietly(Task task) override;
  TimerId schedule(std::chrono::milliseconds delay, Task task) override;
  void cancel(TimerId timer) override;
  bool in_loop() const override { return true; }
  // What is posted or scheduled from now on, and what is queued, never runs.
  void kill();
  void pause();
  // What has become due runs first, in its order.
  void resume();

 private:
  friend class SimWorld;
  SimWorld& world_;
  const std::unique_ptr<SimWorld::SimLog> log_;
  std::chrono::microseconds last_post_{0};
  std::vector<Task> quiet_;
  std::unordered_map<std::uint64_t, SimWorld::Key> timers_;
  std::uint64_t next_timer_ = 1;
  bool killed_ = false;
  bool paused_ = false;
  std::map<SimWorld::Key, SimWorld::Event> held_;  // while it is paused
};

}  // namespace longwire::sim
