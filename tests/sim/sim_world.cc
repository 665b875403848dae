#include "tests/sim/sim_world.h"

#include <algorithm>
#include <vector>

namespace longwire::sim {

namespace {
constexpr std::int64_t kStartMs = 1'767'225'600'000;  // 2026-01-01
}

void SimRandom::fill(std::span<std::uint8_t> out) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) value = next();
    out[i] = static_cast<std::uint8_t>(value >> (8 * (i % 8)));
  }
}

std::uint64_t SimRandom::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

bool SimRandom::chance(double probability) {
  return static_cast<double>(next() >> 11U) < probability * 9007199254740992.0;
}

struct SimWorld::SimClock final : public Clock {
  explicit SimClock(const SimWorld& owner) : world(owner) {}
  Timestamp now() const override { return {kStartMs + world.now().count()}; }
  MonotonicTime monotonic() const override { return world.now_; }
  const SimWorld& world;
};

SimWorld::SimWorld(std::uint64_t seed)
    : random_(seed),
      ids_(seed ^ 0x5851f42d4c957f2dULL),
      clock_(std::make_unique<SimClock>(*this)) {}

// Tasks may own what posts again while it is destroyed.
SimWorld::~SimWorld() {
  while (!events_.empty()) {
    std::map<Key, Event> doomed;
    doomed.swap(events_);
  }
}

std::unique_ptr<SimExecutor> SimWorld::make_executor() {
  return std::make_unique<SimExecutor>(*this);
}

Environment SimWorld::environment(Executor& executor) {
  return {executor, *clock_, ids_, null_log(), metrics_};
}

const Clock& SimWorld::clock() const { return *clock_; }

SimWorld::Key SimWorld::add(std::chrono::microseconds when, SimExecutor* executor, Task task) {
  const Key key{when, next_++};
  events_.emplace(key, Event{executor, std::move(task)});
  return key;
}

void SimWorld::at(std::chrono::milliseconds delay, Task task) {
  add(now_ + delay, nullptr, std::move(task));
}

bool SimWorld::step() {
  if (events_.empty()) return false;
  auto next = events_.extract(events_.begin());
  now_ = std::max(now_, next.key().first);
  ++events_run_;
  next.mapped().task();
  return true;
}

void SimWorld::run_for(std::chrono::milliseconds time) {
  const std::chrono::microseconds end = now_ + time;
  while (!events_.empty() && events_.begin()->first.first <= end) step();
  now_ = std::max(now_, end);
}

SimExecutor::~SimExecutor() { kill(); }

void SimExecutor::kill() {
  killed_ = true;
  timers_.clear();
  std::vector<Task> doomed;
  for (auto it = world_.events_.begin(); it != world_.events_.end();) {
    if (it->second.executor != this) {
      ++it;
      continue;
    }
    doomed.push_back(std::move(it->second.task));
    it = world_.events_.erase(it);
  }
}

void SimExecutor::post(Task task) {
  if (killed_) return;
  const auto latency = std::chrono::microseconds(world_.random_.between(1, 300));
  last_post_ = std::max(last_post_, world_.now_ + latency);
  world_.add(last_post_, this, std::move(task));
}

TimerId SimExecutor::schedule(std::chrono::milliseconds delay, Task task) {
  const std::uint64_t id = next_timer_++;
  if (killed_) return static_cast<TimerId>(id);
  auto run = [this, id, task = std::move(task)]() mutable {
    timers_.erase(id);
    task();
  };
  timers_[id] = world_.add(world_.now_ + delay, this, std::move(run));
  return static_cast<TimerId>(id);
}

void SimExecutor::cancel(TimerId timer) {
  auto found = timers_.find(static_cast<std::uint64_t>(timer));
  if (found == timers_.end()) return;
  auto event = world_.events_.extract(found->second);
  timers_.erase(found);
}

}  // namespace longwire::sim
