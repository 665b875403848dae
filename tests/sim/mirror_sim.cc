#include "tests/sim/mirror_sim.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "storage/mirror/mirror.h"
#include "tests/sim/sim_redis.h"
#include "tests/sim/sim_store.h"

namespace longwire::sim {
namespace {

using middle::Batch;
using middle::BatchPtr;
using middle::CommitOutcome;
using middle::Head;
using middle::Position;
using middle::WriterId;
using std::chrono::milliseconds;
using Value = std::optional<Bytes>;
using Versions = std::map<Bytes, std::size_t>;  // by key: a place in its history

constexpr middle::PartitionId kPartition = 0;
constexpr int kKeys = 4;
constexpr milliseconds kTime(1500);

bool all_rows(BytesView) { return true; }

Bytes key_of(std::uint64_t number) { return "k" + std::to_string(number); }

// What the store held, one value after the other.
class Histories final {
 public:
  explicit Histories(const SimPartition& partition) : partition_(partition) {
    for (int i = 0; i < kKeys; ++i) values_[key_of(static_cast<std::uint64_t>(i))] = {Value()};
  }
  // Before anything else happens in the store.
  void look() {
    for (auto& [key, values] : values_) {
      const auto row = partition_.rows.find(key);
      const Value now = row == partition_.rows.end() ? Value() : Value(row->second.value);
      if (values.back() != now) values.push_back(now);
    }
  }
  Versions latest() const {
    Versions versions;
    for (const auto& [key, values] : values_) versions[key] = values.size() - 1;
    return versions;
  }
  bool has_since(const Bytes& key, const Value& value, std::size_t since) const {
    const auto& values = values_.at(key);
    for (std::size_t i = since; i < values.size(); ++i) {
      if (values[i] == value) return true;
    }
    return false;
  }

 private:
  const SimPartition& partition_;
  std::map<Bytes, std::vector<Value>> values_;
};

// Shared by the two processes.
struct Ground {
  explicit Ground(std::uint64_t seed)
      : world(seed), storage(world, 1), redis(world), histories(storage.partition(kPartition)) {}
  SimRandom& luck() { return world.random(); }

  SimWorld world;
  SimStorage storage;
  SimRedis redis;
  Histories histories;
  std::uint64_t values = 0;  // written so far: no two are alike
  MirrorSimResult result;
  std::vector<std::unique_ptr<SimExecutor>> graveyard;
};

// One process: opens, commits one batch at a time until it knows what became of it, reads.
class Owner final {
 public:
  Owner(Ground& ground, std::string name)
      : ground_(ground),
        name_(std::move(name)),
        executor_(ground.world.make_executor()),
        plain_(ground.world, ground.storage, *executor_) {
    auto router = std::make_unique<SimRouter>(ground.world, ground.redis, *executor_);
    storage::mirror::Options options;
    options.wait = milliseconds(20);
    options.pause = milliseconds(20);
    store_ = storage::mirror::make_mirror(plain_, std::move(router), options, all_rows,
                                          ground.world.environment(*executor_));
  }
  ~Owner() {
    executor_->kill();
    store_.reset();
    ground_.graveyard.push_back(std::move(executor_));
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;

  void act() {
    // Now and then it takes over from itself.
    if (ground_.luck().chance(state_ == State::kIdle ? 0.3 : 0.005)) open();
    if (state_ != State::kOwner) return;
    if (!committing_ && ground_.luck().chance(0.3)) commit(make_batch());
    if (ground_.luck().chance(0.7)) read();
  }

 private:
  enum class State { kIdle, kOpening, kOwner };

  bool is_owner() const {
    return state_ == State::kOwner && ground_.storage.partition(kPartition).head.writer == writer_;
  }

  void open() {
    state_ = State::kOpening;
    committing_ = nullptr;
    writer_ = WriterId(name_ + std::to_string(++openings_));
    store_->open(kPartition, writer_, [this, writer = writer_](Result<Head> head) {
      if (writer != writer_) return;
      state_ = head ? State::kOwner : State::kIdle;
      if (!head) return;
      position_ = head->position;
      stamp_ = head->stamp;
      // Somebody else may have been faster again: then what we are to know is not told.
      if (is_owner())
        known_ = ground_.histories.latest();
      else
        step_down();
    });
  }

  void step_down() {
    state_ = State::kIdle;
    committing_ = nullptr;
  }

  BatchPtr make_batch() {
    auto batch = std::make_shared<Batch>();
    stamp_ = stamp_ + milliseconds(1);
    batch->stamp = stamp_;
    for (int i = 0; i < kKeys; ++i) {
      if (!ground_.luck().chance(0.4)) continue;
      Value value;
      if (ground_.luck().chance(0.8)) value = std::to_string(++ground_.values);
      batch->rows.push_back({key_of(static_cast<std::uint64_t>(i)), std::move(value), {}});
    }
    return batch;
  }

  // As middle/partition/committer does: the same again until the outcome is known.
  void commit(BatchPtr batch) {
    committing_ = std::move(batch);
    store_->commit(kPartition, writer_, position_ + 1, committing_,
                   [this, writer = writer_](Result<CommitOutcome> outcome) {
                     if (writer != writer_ || !committing_) return;
                     if (!outcome && ground_.luck().chance(0.5)) return commit(committing_);
                     if (!outcome || *outcome == CommitOutcome::kDeposed) return settle();
                     committed();
                   });
  }

  void settle() {
    store_->head(kPartition, [this, writer = writer_](Result<Head> head) {
      if (writer != writer_ || !committing_) return;
      if (!head) return settle();
      if (head->writer != writer_) return step_down();
      // Not in yet: it may still come.
      if (head->position == position_) return commit(committing_);
      committed();
    });
  }

  void committed() {
    ++ground_.result.commits;
    ++position_;
    committing_ = nullptr;
    // Nobody else can have changed these rows while we are the owner.
    if (!is_owner()) return;
    known_ = ground_.histories.latest();
  }

  void read() {
    std::vector<Bytes> keys;
    for (int i = 0; i < kKeys; ++i) {
      if (ground_.luck().chance(0.5)) keys.push_back(key_of(static_cast<std::uint64_t>(i)));
    }
    ++ground_.result.reads;
    auto asked = keys;
    store_->get(kPartition, std::move(keys),
                [this, writer = writer_, known = known_, k = std::move(asked)](auto values) {
                  if (!values || writer != writer_ || !is_owner()) return;
                  for (std::size_t i = 0; i < k.size(); ++i)
                    judge(k[i], (*values)[i], known.at(k[i]));
                });
  }

  void judge(const Bytes& key, const Value& value, std::size_t since) {
    if (ground_.histories.has_since(key, value, since)) return;
    ground_.result.failure = key + " was read as " + value.value_or("nothing") +
                             ", which it no longer was when the read began";
  }

  Ground& ground_;
  const std::string name_;
  std::unique_ptr<SimExecutor> executor_;
  SimStore plain_;
  std::unique_ptr<middle::PartitionStore> store_;  // its mirror
  State state_ = State::kIdle;
  WriterId writer_;
  int openings_ = 0;
  Position position_ = 0;
  Timestamp stamp_;
  BatchPtr committing_;  // null: none
  Versions known_;       // the least that a read must know
};

class Run final {
 public:
  explicit Run(std::uint64_t seed) : ground_(seed) {}

  MirrorSimResult go() {
    draw_faults();
    while (ground_.world.now() < kTime && ground_.result.failure.empty()) {
      trouble();
      const milliseconds until = ground_.world.now() + milliseconds(1);
      for (auto& owner : owners_) owner->act();
      // Event by event, so that no value goes unseen.
      ground_.world.at(milliseconds(1), [] {});
      while (ground_.world.now() < until && ground_.world.step()) ground_.histories.look();
    }
    ground_.result.found =
        ground_.world.environment(*spare_)
            .metrics.counter("longwire_mirror_rows_total", "", {{"redis", "found"}})
            .value();
    return ground_.result;
  }

 private:
  void draw_faults() {
    auto maybe = [&](double most) { return ground_.luck().chance(0.4) ? most : 0.0; };
    crash_ = maybe(0.01);
    ground_.storage.set_faults({.request_lost = maybe(0.05),
                                .answer_lost = maybe(0.05),
                                .refused = maybe(0.05),
                                .slow = maybe(0.05),
                                .zombie = maybe(0.05)});
    ground_.redis.set_faults({.refused = maybe(0.01),
                              .answer_lost = maybe(0.01),
                              .zombie = maybe(0.01),
                              .slow = maybe(0.01),
                              .late = maybe(0.02),
                              .overtaken = maybe(0.01),
                              .evicted = maybe(0.05),
                              .snapshot = 0.05,
                              .gone_back = maybe(0.01),
                              .wiped = maybe(0.005)});
  }

  void trouble() {
    for (std::size_t i = 0; i < owners_.size(); ++i) {
      if (ground_.luck().chance(crash_)) owners_[i] = make_owner();
    }
  }

  std::unique_ptr<Owner> make_owner() {
    return std::make_unique<Owner>(ground_, "p" + std::to_string(++processes_) + "-");
  }

  Ground ground_;
  std::unique_ptr<SimExecutor> spare_ = ground_.world.make_executor();
  int processes_ = 0;
  double crash_ = 0;
  std::vector<std::unique_ptr<Owner>> owners_ = make_owners();

  std::vector<std::unique_ptr<Owner>> make_owners() {
    std::vector<std::unique_ptr<Owner>> owners;
    owners.push_back(make_owner());
    owners.push_back(make_owner());
    return owners;
  }
};

}  // namespace

MirrorSimResult run_mirror_sim(std::uint64_t seed) { return Run(seed).go(); }

}  // namespace longwire::sim
