#include "tests/sim/sim_world.h"

#include <algorithm>
#include <cstdio>
#include <string>
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

// What one thread's components say, with simulated time.
struct SimWorld::SimLog final : LogSink {
  SimLog(const SimWorld& given, std::string of) : world(given), name(std::move(of)) {}
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel level, std::string_view module, std::string_view event,
             std::initializer_list<LogField> fields) override {
    const std::string line = format_log_text({0, level, module, event, fields});
    const std::string_view without_time = std::string_view(line).substr(line.find(' ') + 1);
    std::fprintf(stderr, "%6lld ms %s: %.*s", static_cast<long long>(world.now().count()),
                 name.c_str(), static_cast<int>(without_time.size()), without_time.data());
  }
  const SimWorld& world;
  const std::string name;
};

std::unique_ptr<SimExecutor> SimWorld::make_executor(std::string name) {
  return std::make_unique<SimExecutor>(*this, std::move(name));
}

void SimWorld::tell(std::string_view what, std::string_view of) const {
  if (!loud_) return;
  std::fprintf(stderr, "%6lld ms -- %.*s %.*s\n", static_cast<long long>(now().count()),
               static_cast<int>(what.size()), what.data(), static_cast<int>(of.size()), of.data());
}

Environment SimWorld::environment(Executor& executor) {
  // All executors here are simulated.
  LogSink& log = loud_ ? *static_cast<SimExecutor&>(executor).log_ : null_log();
  return {executor, *clock_, ids_, log, metrics_};
}

const Clock& SimWorld::clock() const { return *clock_; }

SimWorld::Key SimWorld::add(std::chrono::microseconds when, SimExecutor* executor, Task task) {
  const Key key{when, next_++};
  auto& queue = executor != nullptr && executor->paused_ ? executor->held_ : events_;
  queue.emplace(key, Event{executor, std::move(task)});
  return key;
}

std::map<SimWorld::Key, SimWorld::Event> SimWorld::take(const SimExecutor& executor) {
  std::map<Key, Event> taken;
  for (auto it = events_.begin(); it != events_.end();) {
    const auto each = it++;
    if (each->second.executor == &executor) taken.insert(events_.extract(each));
  }
  return taken;
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

SimExecutor::SimExecutor(SimWorld& world, std::string name)
    : world_(world), log_(std::make_unique<SimWorld::SimLog>(world, std::move(name))) {}

SimExecutor::~SimExecutor() { kill(); }

void SimExecutor::kill() {
  killed_ = true;
  timers_.clear();
  const auto quiet = std::exchange(quiet_, {});
  const auto held = std::exchange(held_, {});
  const auto doomed = world_.take(*this);
}

void SimExecutor::pause() {
  paused_ = true;
  held_.merge(world_.take(*this));
}

void SimExecutor::resume() {
  paused_ = false;
  world_.events_.merge(held_);
}

void SimExecutor::post(Task task) {
  if (killed_) return;
  const auto latency = std::chrono::microseconds(world_.random_.between(1, 300));
  last_post_ = std::max(last_post_, world_.now_ + latency);
  for (Task& quiet : std::exchange(quiet_, {})) world_.add(last_post_, this, std::move(quiet));
  world_.add(last_post_, this, std::move(task));
}

void SimExecutor::post_quietly(Task task) {
  if (!killed_) quiet_.push_back(std::move(task));
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
  auto& queue = paused_ ? held_ : world_.events_;
  auto event = queue.extract(found->second);
  timers_.erase(found);
}

}  // namespace longwire::sim
