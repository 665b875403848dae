#include "middle/partition/partition.h"

#include <algorithm>

namespace longwire::middle {
namespace {

constexpr std::chrono::milliseconds kRetrySoon{200};
constexpr std::size_t kRunsPerTurn = 512;  // then other work of the loop has its turn

Error try_again(const char* why) { return {ErrorCode::kUnavailable, why, kRetrySoon}; }

}  // namespace

WorkClass work_class(Priority priority, bool broadcast) {
  const auto first = broadcast ? WorkClass::kBroadcastHigh : WorkClass::kSingleHigh;
  return static_cast<WorkClass>(static_cast<int>(first) + static_cast<int>(priority));
}

void ReplayedRandom::fill(std::span<std::uint8_t> out) {
  const std::size_t end = used_ + out.size();
  if (drawn_.size() < end) drawn_.append(source_.bytes(end - drawn_.size()));
  std::copy_n(drawn_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
  used_ = end;
}

Partition::Partition(PartitionId id, Environment environment, PartitionParts parts,
                     PartitionOptions options)
    : id_(id),
      environment_(environment),
      parts_(std::move(parts)),
      options_(options),
      log_(environment.log, "partition"),
      commits_(
          environment.metrics.counter("longwire_partition_commits_total", "Batches committed.")),
      refused_(environment.metrics.counter("longwire_partition_refused_total",
                                           "Operations refused because too many waited.")),
      damaged_(
          environment.metrics.counter("longwire_partition_damaged_total",
                                      "Reads that met damaged rows; the log names the place.")),
      commit_seconds_(environment.metrics.latency("longwire_partition_commit_seconds",
                                                  "From the start of a commit to its answer.")),
      committer_(id, environment, parts_.store, options.committer),
      cache_(options.cache_bytes_max),
      lanes_(parts_.store.info().partitions),
      sender_(id, parts_.store.info().partitions, parts_.lanes),
      receiving_(parts_.store.info().partitions),
      pending_(environment.metrics.gauge("longwire_partition_pending",
                                         "Operations that wait, for a run or for their commit.")),
      guard_(environment.executor) {}

Partition::~Partition() = default;

// The lower the class, the earlier it is refused; accepted work (lane items) never is.
bool Partition::has_room(WorkClass work_class) const {
  const std::size_t max = options_.pending_max;
  switch (work_class) {
    case WorkClass::kLane:
      return true;
    case WorkClass::kRead:
    case WorkClass::kControl:
    case WorkClass::kSingleHigh:
      return pending_.count() < max;
    case WorkClass::kSingleNormal:
      return pending_.count() < max - max / 8;
    case WorkClass::kSingleLow:
      return pending_.count() < max - max / 4;
    case WorkClass::kBroadcastHigh:
    case WorkClass::kBroadcastNormal:
    case WorkClass::kBroadcastLow:
      return pending_.count() < max / 2;
  }
  return false;
}

void Partition::submit(OperationPtr operation) {
  CHECK(environment_.executor.in_loop());
  pending_.add();
  const bool serving = state_ == State::kOpen && !stalled_;
  const bool room = has_room(operation->work_class);
  if (!room) refused_.add();
  if (!serving || !room) {
    // Answered on a later turn, like everything.
    guard_.post([this, o = std::move(operation), serving]() mutable {
      refuse(std::move(o), serving ? try_again("too much is waiting") : not_open());
    });
    return;
  }
  operation->arrival = ++arrivals_;
  queues_[static_cast<std::size_t>(operation->work_class)].push_back(std::move(operation));
  wake();
}

Error Partition::another_owner() const {
  if (options_.shared) return {ErrorCode::kDeposed, "the partition has another owner", kRetrySoon};
  return try_again("the partition has another owner");
}

Error Partition::not_open() const {
  if (options_.shared && state_ != State::kOpen)
    return {ErrorCode::kDeposed, "the partition is not here", kRetrySoon};
  return try_again("partition is not ready");
}

void Partition::wake() {
  if (std::exchange(pump_posted_, true)) return;
  guard_.post([this] {
    pump_posted_ = false;
    pump();
  });
}

void Partition::pump() {
  if (state_ != State::kOpen) return;
  std::size_t runs = 0;
  while (OperationPtr operation = next()) {
    run_now(std::move(operation));
    if (++runs == kRunsPerTurn) {
      wake();
      break;
    }
  }
  cache_.trim();
  start_loads();
  flush();
}

bool Partition::batch_has_room(WorkClass work_class) const {
  // A quarter of every batch is for lane items: what was accepted gets through.
  const std::size_t quarters = work_class == WorkClass::kLane ? 4 : 3;
  return gathering_.bytes < options_.batch_bytes_max / 4 * quarters &&
         gathering_.rows.size() < options_.batch_rows_max / 4 * quarters;
}

OperationPtr Partition::next() {
  for (std::size_t index = 0; index < kWorkClasses; ++index) {
    const auto work_class = static_cast<WorkClass>(index);
    auto& queue = queues_[index];
    if (queue.empty()) continue;
    if (work_class == WorkClass::kRead) {
      if (environment_.clock.monotonic() - confirmed_at_ > options_.confirmed_within) {
        confirm_for_reads();
        continue;
      }
    } else if (!batch_has_room(work_class)) {
      continue;
    }
    OperationPtr operation = std::move(queue.front());
    queue.pop_front();
    return operation;
  }
  return nullptr;
}

void Partition::run_now(OperationPtr operation) {
  const Timestamp now{std::max(environment_.clock.now().ms, committer_.stamp().ms)};
  ReplayedRandom random(environment_.random, operation->drawn);
  Transaction transaction({.cache = cache_,
                           .lanes = lanes_,
                           .lanes_batch = lanes_batch_,
                           .lane_waiting = sender_.waiting(),
                           .lane_items_max = options_.lane_items_max,
                           .effect = parts_.effect,
                           .random = random,
                           .now = now,
                           .partition = id_,
                           .partitions = parts_.store.info().partitions,
                           .position = committer_.position() + (in_flight_ ? 2 : 1)});
  operation->attempt(transaction);
  if (!transaction.complete()) return park(std::move(operation), std::move(transaction.missing_));
  BatchNumber until = transaction.depends_on_;
  if (const Error* failure = operation->failure()) {
    note_damage(*failure);
  } else {
    if (transaction.has_writes()) until = committed_ + (in_flight_ ? 2 : 1);
    apply(transaction);
  }
  hold(std::move(operation), until);
}

void Partition::apply(Transaction& transaction) {
  const BatchNumber number = committed_ + (in_flight_ ? 2 : 1);
  gathering_.number = number;
  for (RowWrite& row : transaction.writes_) {
    gathering_.bytes += row.key.size() + (row.value ? row.value->size() : 0);
    if (auto load = loads_.find(row.key); load != loads_.end()) load->second.overwritten = true;
    cache_.write(row.key, std::move(row.value), number);
    gathering_.rows.insert_or_assign(std::move(row.key), row.expires);
  }
  if (transaction.changed_lanes_) {
    lanes_ = std::move(*transaction.changed_lanes_);
    lanes_batch_ = number;
    gathering_.lanes_changed = true;
  }
  for (LaneItem& item : transaction.items_) {
    sender_.reserve(item.to);
    gathering_.items.push_back(std::move(item));
  }
  std::move(transaction.published_.begin(), transaction.published_.end(),
            std::back_inserter(gathering_.published));
  std::move(transaction.after_commit_.begin(), transaction.after_commit_.end(),
            std::back_inserter(gathering_.tasks));
}

void Partition::hold(OperationPtr operation, BatchNumber until) {
  if (until <= committed_) return finish(std::move(operation));
  if (in_flight_ && until == in_flight_->number) {
    in_flight_->operations.push_back(std::move(operation));
  } else {
    gathering_.operations.push_back(std::move(operation));
  }
}

void Partition::finish(OperationPtr operation) {
  if (operation->confirm) return confirm(std::move(operation));
  pending_.take();
  operation->answer();
}

void Partition::refuse(OperationPtr operation, Error error) {
  pending_.take();
  operation->refuse(std::move(error));
}

void Partition::confirm(OperationPtr operation) {
  committer_.confirm([this, ownership = ownership_, begun = environment_.clock.monotonic(),
                      o = std::move(operation)](Result<bool> ours) mutable {
    if (!ours) return refuse(std::move(o), try_again("the partition's head cannot be read"));
    if (!*ours || ownership != ownership_) {
      refuse(std::move(o), another_owner());
      if (ownership == ownership_) step_down(another_owner());
      return;
    }
    // Of the answer nobody knows how long it took.
    confirmed_at_ = std::max(confirmed_at_, begun);
    pending_.take();
    o->answer();
  });
}

void Partition::confirm_for_reads() {
  if (std::exchange(confirming_, true)) return;
  committer_.confirm(
      [this, ownership = ownership_, begun = environment_.clock.monotonic()](Result<bool> ours) {
        if (ownership != ownership_) return;
        confirming_ = false;
        auto& reads = queues_[static_cast<std::size_t>(WorkClass::kRead)];
        if (ours && *ours) {
          confirmed_at_ = std::max(confirmed_at_, begun);
          return wake();
        }
        if (ours) return step_down(another_owner());
        std::deque<OperationPtr> waiting;
        waiting.swap(reads);
        for (OperationPtr& operation : waiting)
          refuse(std::move(operation), try_again("the partition's head cannot be read"));
      });
}

}  // namespace longwire::middle
