#include <algorithm>
#include <utility>

#include "middle/partition/partition.h"

namespace longwire::middle {
namespace {

constexpr std::chrono::milliseconds kTick{250};
constexpr std::size_t kLaneRowsPerPage = 256;

Error moved() {
  return {ErrorCode::kDeposed, "the partition has another owner", std::chrono::milliseconds(200)};
}
Error unknown() {
  return {ErrorCode::kUnknownOutcome, "the store does not answer", std::chrono::milliseconds(1000)};
}

}  // namespace

// ---- batches -----------------------------------------------------------------------------------

Batch Partition::make_batch() {
  Batch batch;
  batch.stamp = {std::max(committer_.stamp().ms + 1, environment_.clock.now().ms)};
  batch.state = encode_lane_numbers(lanes_);
  batch.rows.reserve(gathering_.rows.size());
  for (const auto& [key, expires] : gathering_.rows) {
    batch.rows.push_back({key, cache_.find(key)->value, expires});
  }
  return batch;
}

void Partition::flush() {
  if (in_flight_ || state_ == State::kClosed || state_ == State::kOpening) return;
  if (gathering_.empty()) return;
  Batch batch = make_batch();
  in_flight_ = std::move(static_cast<Held&>(gathering_));
  gathering_ = Gathering{};
  flushed_at_ = environment_.clock.monotonic();
  committer_.commit(std::move(batch), [this, ownership = ownership_](Result<Settled> settled) {
    // A read of the head may have told first that we are deposed: those who waited know.
    if (ownership == ownership_) committed(std::move(settled));
  });
  arm_tick();
}

void Partition::committed(Result<Settled> settled) {
  Held held = std::move(*in_flight_);
  in_flight_.reset();
  stalled_ = false;
  if (!settled) {
    log_.error("commit_refused", {{"partition", id_}, {"error", settled.error().message}});
    refuse_all(held.operations, settled.error());
    return step_down(settled.error());
  }
  if (*settled == Settled::kDone) {
    const MonotonicTime now = environment_.clock.monotonic();
    commit_seconds_.observe(std::chrono::duration<double>(now - flushed_at_).count());
    commits_.add();
    confirmed_at_ = std::max(confirmed_at_, flushed_at_);
    release(std::move(held));
    wake();
    return try_closed();
  }
  log_.warn("deposed", {{"partition", id_}, {"position", committer_.position()}});
  if (*settled == Settled::kDoneDeposed) {
    for (OperationPtr& operation : held.operations) {
      pending_.take();
      operation->answer();
    }
  } else {
    refuse_all(held.operations, *settled == Settled::kUnknown ? unknown() : moved());
  }
  step_down(moved());
}

void Partition::release(Held held) {
  committed_ = held.number;
  cache_.settle(committed_);
  for (LaneItem& item : held.items) sender_.add(std::move(item));
  sender_.pump(environment_.clock.monotonic());
  publish(held.published);
  for (Task& task : held.tasks) task();
  for (OperationPtr& operation : held.operations) finish(std::move(operation));
}

void Partition::publish(std::vector<Published>& published) {
  std::stable_sort(published.begin(), published.end(),
                   [](const Published& a, const Published& b) { return a.feed < b.feed; });
  for (std::size_t i = 0; i < published.size();) {
    const FeedId& feed = published[i].feed;
    std::vector<EntryPtr> entries;
    std::size_t end = i;
    for (; end < published.size() && published[end].feed == feed; ++end) {
      if (published[end].entry != nullptr) {
        entries.push_back(std::move(published[end].entry));
      } else {
        parts_.events.on_feed_reset(id_, feed, published[end].incarnation);
      }
    }
    if (!entries.empty()) parts_.events.on_published(id_, feed, entries);
    i = end;
  }
}

// ---- ownership ---------------------------------------------------------------------------------

void Partition::refuse_all(std::vector<OperationPtr>& operations, const Error& error) {
  std::vector<OperationPtr> waiting;
  waiting.swap(operations);
  for (OperationPtr& operation : waiting) refuse(std::move(operation), error);
}

// Forgets everything that is not in the log, and tells those who wait for it.
void Partition::step_down(Error for_gathered) {
  ++ownership_;
  const bool closing = state_ == State::kClosing;
  const bool closed = closing || options_.shared;
  state_ = closed ? State::kClosed : State::kOpening;
  forget();
  std::vector<OperationPtr> waiting = std::move(gathering_.operations);
  gathering_ = Gathering{};
  if (in_flight_) {
    std::move(in_flight_->operations.begin(), in_flight_->operations.end(),
              std::back_inserter(waiting));
    in_flight_.reset();
    for_gathered = unknown();
  }
  for (auto& queue : queues_) {
    std::move(queue.begin(), queue.end(), std::back_inserter(waiting));
    queue.clear();
  }
  for (auto& [key, load] : loads_) {
    for (const auto& parked : load.waiting) {
      if (parked->operation) waiting.push_back(std::move(parked->operation));
    }
  }
  loads_.clear();
  to_load_.clear();
  stalled_ = false;
  parts_.events.on_closed(id_);
  refuse_all(waiting, for_gathered);
  if (closed) return try_closed();
  guard_.schedule(options_.reopen_after, [this] { reopen(); });
}

void Partition::forget() {
  cache_.clear();
  sender_.clear();
  std::fill(receiving_.begin(), receiving_.end(), false);
  confirming_ = false;
}

void Partition::open(Callback<void> done) {
  CHECK(state_ == State::kClosed);
  open_done_ = std::move(done);
  state_ = State::kOpening;
  reopen();
}

void Partition::reopen() {
  if (state_ != State::kOpening) return;
  ++ownership_;
  committer_.open([this](Result<Head> head) { opened(std::move(head)); });
}

void Partition::opened(Result<Head> head) {
  if (state_ != State::kOpening) return;
  Result<LaneNumbers> lanes =
      head ? decode_lane_numbers(head->state, parts_.store.info().partitions) : head.error();
  if (!lanes) return open_failed(lanes.error());
  lanes_ = std::move(*lanes);
  lanes_batch_ = 0;
  committed_ = 0;
  confirmed_at_ = environment_.clock.monotonic();
  sender_.clear();  // an earlier load may have failed half-way
  load_lanes("l");
}

// Who opens is told what no retry mends; without anybody to tell, and else, it is tried again.
void Partition::open_failed(const Error& error) {
  const bool again = may_retry(error);
  log_.log(again ? LogLevel::kWarn : LogLevel::kError, "open_refused",
           {{"partition", id_}, {"error", error.message}});
  if (open_done_ && !again) {
    state_ = State::kClosed;
    const std::string message = "partition " + std::to_string(id_) + ": " + error.message;
    return std::exchange(open_done_, nullptr)(Error{error.code, message});
  }
  guard_.schedule(options_.committer.backoff_max, [this] { reopen(); });
}

void Partition::load_lanes(Bytes from) {
  const ScanRequest request{.from = std::move(from), .to = "m", .rows_max = kLaneRowsPerPage};
  scan(request, [this](Result<std::vector<Row>> rows) {
    if (state_ != State::kOpening) return;
    if (!rows) return open_failed(rows.error());
    for (Row& row : *rows) {
      ByteReader reader(BytesView(row.key).substr(1));
      const PartitionId to = reader.u16();
      const LaneNumber number = reader.u64();
      if (reader.failed() || to >= receiving_.size()) continue;
      sender_.reserve(to);
      sender_.add({to, number, std::move(row.value)});
    }
    // One row may fill a page by its bytes: only an empty page is the end.
    if (rows->empty()) return ready();
    load_lanes(rows->back().key + '\0');
  });
}

void Partition::ready() {
  state_ = State::kOpen;
  log_.info("partition_open", {{"partition", id_}, {"position", committer_.position()}});
  parts_.events.on_open(id_);
  sender_.pump(environment_.clock.monotonic());
  arm_tick();
  if (open_done_) std::exchange(open_done_, nullptr)({});
}

void Partition::close(Callback<void> done) {
  close_done_.push_back(std::move(done));
  if (state_ == State::kOpening) {
    ++ownership_;
    state_ = State::kClosed;
    if (open_done_) std::exchange(open_done_, nullptr)(moved());
  }
  if (state_ == State::kOpen) {
    const Error stopping{ErrorCode::kUnavailable, "the server is stopping",
                         std::chrono::milliseconds(1000)};
    const Error error = options_.shared ? moved() : stopping;
    state_ = State::kClosing;
    for (auto& queue : queues_) {
      for (OperationPtr& operation : queue) refuse(std::move(operation), error);
      queue.clear();
    }
    for (auto& [key, load] : loads_) {
      for (const auto& parked : load.waiting) {
        if (parked->operation) refuse(std::move(parked->operation), error);
      }
    }
    loads_.clear();
    to_load_.clear();
    flush();
  }
  guard_.post([this] { try_closed(); });
}

void Partition::try_closed() {
  if (close_done_.empty()) return;
  if (state_ == State::kClosing && !in_flight_) {
    flush();
    if (!in_flight_) state_ = State::kClosed;
  }
  if (state_ != State::kClosed) return;
  ++ownership_;
  forget();
  for (auto& done : std::exchange(close_done_, {})) done({});
}

void Partition::arm_tick() {
  if (std::exchange(tick_armed_, true)) return;
  guard_.schedule(kTick, [this] {
    tick_armed_ = false;
    tick();
  });
}

void Partition::tick() {
  const MonotonicTime now = environment_.clock.monotonic();
  if (state_ == State::kOpen) sender_.pump(now);
  const auto since = committer_.unanswered_since();
  if (in_flight_ && since && now - *since > options_.answer_within && !stalled_) {
    // The batch stays under way; but nobody is kept waiting without end, and nothing is piled up.
    stalled_ = true;
    log_.error("commit_without_answer", {{"partition", id_}});
    refuse_all(in_flight_->operations, unknown());
    refuse_all(gathering_.operations, unknown());
    for (auto& queue : queues_) {
      std::vector<OperationPtr> waiting(std::make_move_iterator(queue.begin()),
                                        std::make_move_iterator(queue.end()));
      queue.clear();
      refuse_all(waiting, {ErrorCode::kUnavailable, "the store does not answer",
                           std::chrono::milliseconds(1000)});
    }
  }
  // A stop does not wait for a store that does not answer: what is under way has no outcome yet.
  if (stalled_ && state_ == State::kClosing) return step_down(unknown());
  if (in_flight_ || !sender_.idle()) arm_tick();
}

// ---- lanes -------------------------------------------------------------------------------------

void Partition::scan(ScanRequest request, Callback<std::vector<Row>> done) {
  parts_.store.scan(id_, std::move(request),
                    guard_.wrap<std::vector<Row>>(
                        [this, ownership = ownership_, d = std::move(done)](auto rows) mutable {
                          if (ownership != ownership_) return d(moved());
                          if (!rows) note_damage(rows.error());
                          d(std::move(rows));
                        }));
}

void Partition::receive(LaneMessage message) {
  if (state_ != State::kOpen || stalled_ || message.from >= receiving_.size()) return;
  if (receiving_[message.from]) return;  // it will be repeated
  receiving_[message.from] = true;
  const PartitionId from = message.from;
  auto work = [this, m = std::move(message)](Transaction& transaction) -> Result<LaneNumber> {
    LaneNumber number = m.first;
    for (const Bytes& item : m.items) {
      if (transaction.take(m.from, number)) parts_.effect(transaction, item);
      ++number;
    }
    return transaction.taken(m.from);
  };
  run<LaneNumber>(WorkClass::kLane, std::move(work),
                  [this, from, ownership = ownership_](Result<LaneNumber> taken) {
                    if (ownership == ownership_) receiving_[from] = false;
                    if (taken) parts_.lanes.confirm({from, id_, *taken});
                  });
}

void Partition::receive(LaneConfirm confirm) {
  if (state_ != State::kOpen) return;
  std::vector<LaneItem> gone = sender_.confirmed(confirm);
  sender_.pump(environment_.clock.monotonic());
  if (gone.empty()) return;
  auto work = [items = std::move(gone)](Transaction& transaction) -> Status {
    for (const LaneItem& item : items) transaction.remove(lane_item_key(item.to, item.number));
    return {};
  };
  // Should it fail, the next owner sends them again, and finds them taken.
  run<void>(WorkClass::kLane, std::move(work), [](const Status&) {});
}

void Partition::when_taken(PartitionId to, LaneNumber number, Callback<void> done) {
  if (number == 0) return done({});
  sender_.when_taken(to, number, std::move(done));
}

}  // namespace longwire::middle
