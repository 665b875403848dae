#include "middle/partition/committer.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kWriterBytes = 12;

bool outcome_unknown(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadlineExceeded ||
         error.code == ErrorCode::kUnknownOutcome;
}

}  // namespace

Committer::Committer(PartitionId partition, Environment environment, PartitionStore& store,
                     CommitterOptions options)
    : partition_(partition),
      environment_(environment),
      store_(store),
      options_(options),
      log_(environment.log, "partition"),
      backoff_(options.backoff_min),
      guard_(environment.executor) {}

template <typename T, typename F>
Callback<T> Committer::answer(F function) {
  return guard_.wrap<T>(
      [this, ownership = ownership_, f = std::move(function)](Result<T> result) mutable {
        if (ownership == ownership_) f(std::move(result));
      });
}

void Committer::again(void (Committer::*step)()) {
  const auto pause = backoff_;
  backoff_ = std::min(backoff_ * 2, options_.backoff_max);
  guard_.schedule(pause, [this, ownership = ownership_, step] {
    if (ownership == ownership_) (this->*step)();
  });
}

void Committer::open(Callback<Head> done) {
  ++ownership_;
  pending_.reset();
  backoff_ = options_.backoff_min;
  writer_ = WriterId(hex_encode(environment_.random.bytes(kWriterBytes)));
  opening_ = std::move(done);
  try_open();
}

void Committer::try_open() {
  store_.open(
      partition_, writer_, answer<Head>([this](Result<Head> head) {
        if (!head && may_retry(head.error())) {
          log_.warn("open_failed", {{"partition", partition_}, {"error", head.error().message}});
          return again(&Committer::try_open);
        }
        if (head) {
          position_ = head->position;
          stamp_ = head->stamp;
          backoff_ = options_.backoff_min;
        }
        Callback<Head> done = std::exchange(opening_, nullptr);
        done(std::move(head));
      }));
}

void Committer::commit(Batch batch, Callback<Settled> done) {
  CHECK(pending_ == nullptr);
  CHECK(batch.stamp > stamp_);
  pending_ = std::make_unique<Pending>();
  *pending_ = {std::make_shared<const Batch>(std::move(batch)), std::move(done),
               environment_.clock.monotonic()};
  backoff_ = options_.backoff_min;
  try_commit();
}

void Committer::try_commit() {
  store_.commit(partition_, writer_, position_ + 1, pending_->batch,
                answer<CommitOutcome>([this](Result<CommitOutcome> outcome) {
                  if (outcome && *outcome == CommitOutcome::kDone) return finish(Settled::kDone);
                  if (outcome) return settle();
                  if (outcome_unknown(outcome.error())) return again(&Committer::try_commit);
                  finish(std::move(outcome).error());
                }));
}

void Committer::settle() {
  store_.head(partition_, answer<Head>([this](Result<Head> head) {
                if (head) return judge(*head);
                if (outcome_unknown(head.error())) return again(&Committer::settle);
                finish(std::move(head).error());
              }));
}

void Committer::judge(const Head& head) {
  const Position ours = position_ + 1;
  if (head.writer == writer_) {
    if (head.position == ours) return finish(Settled::kDone);
    // An opening of ours that was late took the partition a second time, from another owner.
    if (head.position > ours) return finish(Settled::kUnknown);
    return again(&Committer::try_commit);
  }
  if (head.previous_writer == writer_ && head.previous_position <= ours) {
    return finish(head.previous_position == ours ? Settled::kDoneDeposed : Settled::kDeposed);
  }
  finish(Settled::kUnknown);
}

void Committer::finish(Result<Settled> outcome) {
  if (outcome && (*outcome == Settled::kDone || *outcome == Settled::kDoneDeposed)) {
    ++position_;
    stamp_ = pending_->batch->stamp;
  }
  std::unique_ptr<Pending> settled = std::move(pending_);
  settled->done(std::move(outcome));
}

void Committer::confirm(Callback<bool> done) {
  store_.head(partition_,
              guard_.wrap<Head>([this, writer = writer_, d = std::move(done)](auto head) mutable {
                if (!head) return d(std::move(head).error());
                // Further on than we are: it was another's in between.
                d(head->writer == writer && head->position <= position_ + 1);
              }));
}

std::optional<MonotonicTime> Committer::unanswered_since() const {
  if (pending_ == nullptr) return std::nullopt;
  return pending_->since;
}

}  // namespace longwire::middle
