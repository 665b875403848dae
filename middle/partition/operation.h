#pragma once

// Operation: work for a partition, with somebody who waits for its reply.

#include <memory>
#include <optional>
#include <utility>

#include "base/function.h"
#include "base/random.h"
#include "middle/partition/transaction.h"

namespace longwire::middle {

// In the order of service. Lane items were accepted already and go first; reads cost no commit.
enum class WorkClass : std::uint8_t {
  kLane = 0,
  kRead,
  kControl,  // sessions, registrations, cursors, names
  kSingleHigh,
  kSingleNormal,
  kSingleLow,
  kBroadcastHigh,
  kBroadcastNormal,
  kBroadcastLow,
};
inline constexpr std::size_t kWorkClasses = 9;
WorkClass work_class(Priority priority, bool broadcast);

// What an operation draws is the same in each of its runs: ids made in one run would otherwise be
// asked for as rows, and made anew in the next, without end. A value for one run.
class ReplayedRandom final : public Random {
 public:
  // `drawn` is the operation's, kept between its runs.
  ReplayedRandom(Random& source, Bytes& drawn) : source_(source), drawn_(drawn) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  Random& source_;
  Bytes& drawn_;
  std::size_t used_ = 0;
};

// A function of rows; run any number of times, its last run counts. An Error writes nothing.
template <typename Reply>
using Work = UniqueFunction<Result<Reply>(Transaction&)>;

class Operation {
 public:
  virtual ~Operation() = default;
  virtual void attempt(Transaction& transaction) = 0;
  virtual const Error* failure() const = 0;  // of the last run; null where it succeeded
  // Exactly one of these two is called, once: the last run's result counts, or `error`.
  virtual void answer() = 0;
  virtual void refuse(Error error) = 0;

  WorkClass work_class = WorkClass::kControl;
  std::uint64_t arrival = 0;  // set by submit(): what waited for rows goes back to its old place
  Bytes drawn;                // what its runs drew from Transaction::random()
  bool confirm = false;       // its answer waits for a read of the head begun after the run
};
using OperationPtr = std::unique_ptr<Operation>;

template <typename Reply>
class WorkOperation final : public Operation {
 public:
  WorkOperation(Work<Reply> work, Callback<Reply> done)
      : work_(std::move(work)), done_(std::move(done)) {}
  void attempt(Transaction& transaction) override { result_.emplace(work_(transaction)); }
  const Error* failure() const override { return result_->ok() ? nullptr : &result_->error(); }
  void answer() override { done_(std::move(*result_)); }
  void refuse(Error error) override { done_(std::move(error)); }

 private:
  Work<Reply> work_;
  Callback<Reply> done_;
  std::optional<Result<Reply>> result_;
};

}  // namespace longwire::middle
