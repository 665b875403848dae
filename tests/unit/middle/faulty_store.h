#pragma once

// A PartitionStore that does what its port allows, when a test asks for it: answers that are lost
// or late, before or after the commit took place.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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
    heads_held_.reset();
    std::deque<std::function<void()>> held;
    held.swap(held_);
    for (auto& answer : held) answer();
  }
  void fail_heads(bool fail) { fail_heads_ = fail; }
  // The scan after `after` others fails.
  void fail_scan(int after) { scans_until_failure_ = after; }
  // Pages end after their first row, as a large one makes them.
  void cut_scans() { cut_scans_ = true; }
  // All reads of rows meet damage, which is told as this place.
  void damage(std::string place) { damage_ = std::move(place); }
  // Answers about the head of this partition are held until release().
  void hold_heads(PartitionId partition) { heads_held_ = partition; }

  std::uint64_t commits = 0;
  std::uint64_t gets = 0;
  std::uint64_t heads = 0;
  WriterId last_writer;  // that opened a partition

  const StorageInfo& info() const override { return inner_.info(); }
  void open(PartitionId partition, WriterId writer, Callback<Head> done) override {
    last_writer = writer;
    inner_.open(partition, std::move(writer), std::move(done));
  }
  void commit(PartitionId partition, const WriterId& writer, Position position, BatchPtr batch,
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
    if (partition == heads_held_) done = keep(std::move(done));
    inner_.head(partition, std::move(done));
  }
  void get(PartitionId partition, std::vector<Bytes> keys,
           Callback<std::vector<std::optional<Bytes>>> done) override {
    ++gets;
    if (!damage_.empty()) return answer_damaged(std::move(done));
    inner_.get(partition, std::move(keys), std::move(done));
  }
  void scan(PartitionId partition, ScanRequest request, Callback<std::vector<Row>> done) override {
    if (!damage_.empty()) return answer_damaged(std::move(done));
    if (cut_scans_) request.rows_max = 1;
    if (scans_until_failure_-- != 0)
      return inner_.scan(partition, std::move(request), std::move(done));
    executor_.post([d = std::move(done)]() mutable { d(Error{ErrorCode::kUnavailable, "lost"}); });
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
  template <typename Rows>
  void answer_damaged(Callback<Rows> done) {
    executor_.post([d = std::move(done), e = Error{ErrorCode::kCorrupt, damage_}]() mutable {
      d(std::move(e));
    });
  }
  template <typename Answer>
  Callback<Answer> keep(Callback<Answer> done) {
    auto shared = std::make_shared<Callback<Answer>>(std::move(done));
    return [this, shared](Result<Answer> answer) {
      held_.push_back([shared, answer] { (*shared)(answer); });
    };
  }

  PartitionStore& inner_;
  Executor& executor_;
  std::deque<CommitFault> faults_;
  std::deque<std::function<void()>> held_;
  bool hold_ = false;
  bool fail_heads_ = false;
  bool cut_scans_ = false;
  std::string damage_;
  int scans_until_failure_ = -1;
  std::optional<PartitionId> heads_held_;
};

}  // namespace longwire::middle
