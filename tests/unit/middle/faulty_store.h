#pragma once

// A PartitionStore that does what its port allows, when a test asks for it: answers that are lost
// or late, before or after the commit took place.

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "base/executor.h"
#include "middle/ports/partition_store.h"

namespace longwire::middle {

enum class CommitFault {
  kNone,
  kLostBefore,  // nothing was done, and the answer is "unavailable"
  kLostAfter,   // it was done, and the answer is "unavailable"
  kFull,        // nothing was done: no space left
  kHeld,        // done, but answered only by release()
};

// Loop-bound.
class FaultyStore final : public PartitionStore {
 public:
  FaultyStore(PartitionStore& inner, Executor& executor) : inner_(inner), executor_(executor) {}

  // For the next commits, one each; then none.
  void fail_next(CommitFault fault) { faults_.push_back(fault); }
  void hold_commits(bool hold) { hold_ = hold; }
  void release() {
    std::deque<std::function<void()>> held;
    held.swap(held_);
    for (auto& answer : held) answer();
  }
  void fail_heads(bool fail) { fail_heads_ = fail; }

  std::uint64_t commits = 0;
  std::uint64_t gets = 0;
  std::uint64_t heads = 0;

  const StorageInfo& info() const override { return inner_.info(); }
  void open(PartitionId partition, WriterId writer, Callback<Head> done) override {
    inner_.open(partition, std::move(writer), std::move(done));
  }
  void commit(PartitionId partition, const WriterId& writer, Position position, Batch batch,
              Callback<CommitOutcome> done) override {
    ++commits;
    switch (next_fault()) {
      case CommitFault::kNone:
        return inner_.commit(partition, writer, position, std::move(batch), std::move(done));
      case CommitFault::kLostBefore:
        return answer(std::move(done), {ErrorCode::kUnavailable, "lost"});
      case CommitFault::kFull:
        return answer(std::move(done), {ErrorCode::kResourceExhausted, "no space left"});
      case CommitFault::kLostAfter:
        return inner_.commit(partition, writer, position, std::move(batch),
                             [d = std::move(done)](Result<CommitOutcome>) mutable {
                               d(Error{ErrorCode::kUnavailable, "lost"});
                             });
      case CommitFault::kHeld:
        return inner_.commit(partition, writer, position, std::move(batch), keep(std::move(done)));
    }
  }
  void head(PartitionId partition, Callback<Head> done) override {
    ++heads;
    if (fail_heads_) {
      executor_.post([d = std::move(done)]() mutable {
        d(Error{ErrorCode::kUnavailable, "lost"});
      });
      return;
    }
    inner_.head(partition, std::move(done));
  }
  void get(PartitionId partition, std::vector<Bytes> keys,
           Callback<std::vector<std::optional<Bytes>>> done) override {
    ++gets;
    inner_.get(partition, std::move(keys), std::move(done));
  }
  void scan(PartitionId partition, ScanRequest request, Callback<std::vector<Row>> done) override {
    inner_.scan(partition, std::move(request), std::move(done));
  }

 private:
  CommitFault next_fault() {
    if (hold_) return CommitFault::kHeld;
    if (faults_.empty()) return CommitFault::kNone;
    const CommitFault fault = faults_.front();
    faults_.pop_front();
    return fault;
  }
  void answer(Callback<CommitOutcome> done, Error error) {
    executor_.post([d = std::move(done), e = std::move(error)]() mutable { d(std::move(e)); });
  }
  Callback<CommitOutcome> keep(Callback<CommitOutcome> done) {
    auto shared = std::make_shared<Callback<CommitOutcome>>(std::move(done));
    return [this, shared](Result<CommitOutcome> outcome) {
      held_.push_back([shared, outcome] { (*shared)(outcome); });
    };
  }

  PartitionStore& inner_;
  Executor& executor_;
  std::deque<CommitFault> faults_;
  std::deque<std::function<void()>> held_;
  bool hold_ = false;
  bool fail_heads_ = false;
};

}  // namespace longwire::middle
