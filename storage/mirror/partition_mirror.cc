#include "storage/mirror/partition_mirror.h"

#include <utility>

#include "base/encoding.h"

namespace longwire::storage::mirror {
namespace {

using middle::Position;
using middle::RowWrite;
using middle::WriterId;

// Of one partition's updates that Redis has not answered, or that wait for their seal: above it
// Redis is too slow, and the copies are given up. Fills are left out at half of it.
constexpr std::size_t kUnansweredBytesMax = 4 * 1024 * 1024;

Error failure_of(const Result<redis::Reply>& answer) {
  if (!answer) return answer.error();
  return {ErrorCode::kUnavailable, "Redis answered " + redis::describe(*answer)};
}

std::size_t bytes_of(const Write& write) {
  std::size_t bytes = 0;
  for (const CopyWrite& row : write.rows) bytes += row.key.size() + row.copy.size();
  return bytes;
}

std::size_t bytes_of(const middle::Batch& batch) {
  std::size_t bytes = 0;
  for (const RowWrite& row : batch.rows)
    bytes += row.key.size() + (row.value ? row.value->size() : 0);
  return bytes;
}

}  // namespace

PartitionMirror::PartitionMirror(middle::PartitionId partition, const MirrorWorld& world)
    : world_(world),
      keys_(world.info, partition),
      health_(world.clock, world.news, world.options.pause) {}

void PartitionMirror::close() { leave(); }

void PartitionMirror::hold_until_written(std::shared_ptr<void> held) {
  if (unanswered_ > 0) held_.push_back(std::move(held));
}

// ---- what becomes of the partition -------------------------------------------------------------

void PartitionMirror::leave() {
  ++era_;
  commit_.reset();
  tenure_ = {};
  enter(State::kNotOurs);
}

void PartitionMirror::opening(const WriterId& writer) {
  opening_ = writer;
  leave();
}

// Its copies are good where the seal says that they are the rows of the writer before us, as of
// its last commit. An answer that comes late is of an opening that another has followed.
void PartitionMirror::opened(const WriterId& writer, const middle::Head& head) {
  if (writer != opening_) return;
  tenure_ = {writer, head.position};
  deposed_ = false;
  begin({head.previous_writer, head.previous_position});
}

void PartitionMirror::committing(const WriterId& writer, Position position,
                                 middle::BatchPtr batch) {
  if (writer != tenure_.writer) return;
  const bool again = commit_ && commit_->position == position;
  if (commit_ && !again) give_up();  // what became of that one, nobody told us
  if (!loading_.empty()) {
    for (const RowWrite& row : batch->rows) {
      if (auto load = loading_.find(row.key); load != loading_.end()) load->second.changed = true;
    }
  }
  commit_ = Commit{position, std::move(batch), again && commit_->doubtful, {}};
}

void PartitionMirror::committed(const WriterId& writer, Position position) {
  if (writer != tenure_.writer) {
    // Above ours: we were deposed within this process. Below: it is an answer that comes late.
    if (position > tenure_.position) leave();
    return;
  }
  if (commit_ && commit_->position == position) settle();
}

void PartitionMirror::in_doubt(const WriterId& writer) {
  if (writer == tenure_.writer && commit_) commit_->doubtful = true;
}

void PartitionMirror::deposed(const WriterId& writer) {
  in_doubt(writer);
  if (writer == tenure_.writer) deposed_ = true;
}

void PartitionMirror::head_seen(const middle::Head& head) {
  if (head.writer == tenure_.writer) return committed(head.writer, head.position);
  if (head.position > tenure_.position) leave();
}

// The commit under way is in.
void PartitionMirror::settle() {
  Committed commit{commit_->position, std::move(commit_->batch)};
  commit_.reset();
  deposed_ = false;
  tenure_.position = commit.position;
  if (state_ == State::kMirroring) return copy(commit);
  if (state_ == State::kBeginning) return keep_for_later(std::move(commit));
  begin_anew_if_due();
}

// ---- copies begin, and are given up ------------------------------------------------------------

void PartitionMirror::enter(State state) {
  if (state_ == State::kMirroring) world_.metrics.partitions.add(-1);
  if (state == State::kMirroring) world_.metrics.partitions.add(1);
  state_ = state;
  waiting_.clear();
  waiting_bytes_ = 0;
}

template <typename Handler>
Callback<redis::Reply> PartitionMirror::in_era(Handler handler) {
  return [self = shared_from_this(), era = era_, h = std::move(handler)](
             Result<redis::Reply> answer) mutable { h(era == self->era_, std::move(answer)); };
}

void PartitionMirror::begin(const Tenure& before) {
  ++era_;
  enter(State::kBeginning);
  begin_not_before_ = world_.clock.monotonic() + world_.options.pause;
  const Generation fresh = hex_encode(world_.random.bytes(kGenerationBytes));
  seal_ = encode_seal(fresh, tenure_);  // its tenure; the generation may be another
  write(begin_command(keys_, before, tenure_, fresh, world_.options.keep), 0,
        in_era([this, fresh](bool current, Result<redis::Reply> answer) {
          const Bytes* generation = answer ? answer->bytes() : nullptr;
          if (generation == nullptr || generation->size() != fresh.size()) {
            health_.failed(failure_of(answer));
            if (current) give_up();
            return;
          }
          health_.answered();
          if (!current) return;
          if (*generation == fresh) world_.metrics.begun.add();
          begun(*generation);
        }));
}

// What was committed meanwhile follows.
void PartitionMirror::begun(Generation generation) {
  seal_.replace(0, generation.size(), generation);
  generation_ = std::move(generation);
  const std::vector<Committed> waiting = std::move(waiting_);
  enter(State::kMirroring);
  for (const Committed& commit : waiting) {
    if (state_ == State::kMirroring) copy(commit);
  }
}

void PartitionMirror::keep_for_later(Committed commit) {
  waiting_bytes_ += bytes_of(*commit.batch);
  if (waiting_bytes_ > kUnansweredBytesMax) return give_up();
  waiting_.push_back(std::move(commit));
}

// Not where somebody else may be the owner, whose seal it would break.
void PartitionMirror::begin_anew_if_due() {
  if (state_ != State::kGivenUp || deposed_) return;
  if (world_.clock.monotonic() >= begin_not_before_ && health_.may_ask()) begin({});
}

void PartitionMirror::give_up() {
  if (state_ == State::kNotOurs) return;
  ++era_;
  enter(State::kGivenUp);
}

// ---- writes ------------------------------------------------------------------------------------

bool PartitionMirror::is_short(const std::optional<Bytes>& value) const {
  return !value || value->size() <= static_cast<std::size_t>(world_.options.row_bytes_max);
}

// Every commit moves the seal, also one without a row that is worth a copy. One that is not done
// is a hole that nothing closes.
void PartitionMirror::copy(const Committed& commit) {
  Write next{.generation = generation_,
             .expected = seal_,
             .next = encode_seal(generation_, {tenure_.writer, commit.position}),
             .mode = WriteMode::kUpdate,
             .rows = {}};
  for (const RowWrite& row : commit.batch->rows) {
    if (!world_.worth_copying(row.key)) continue;
    next.rows.push_back({row.key, is_short(row.value) ? encode_copy(row.value) : Bytes()});
  }
  const std::size_t bytes = bytes_of(next);
  if (unanswered_bytes_ + bytes > kUnansweredBytesMax) return give_up();
  seal_ = next.next;
  write(write_command(keys_, next, world_.options.keep), bytes,
        in_era([this](bool current, Result<redis::Reply> answer) {
          const std::int64_t* done = answer ? answer->integer() : nullptr;
          done == nullptr ? health_.failed(failure_of(answer)) : health_.answered();
          if (current && (done == nullptr || *done != 1)) give_up();
        }));
}

// Leaves the seal as it is: one that is lost is only missing, one that is late is refused or right.
void PartitionMirror::fill(const Write& next) {
  const std::size_t bytes = bytes_of(next);
  if (unanswered_bytes_ + bytes > kUnansweredBytesMax / 2) return;
  write(write_command(keys_, next, world_.options.keep), bytes,
        in_era([this](bool current, Result<redis::Reply> answer) {
          const std::int64_t* done = answer ? answer->integer() : nullptr;
          if (current && done != nullptr && *done == 0) give_up();
        }));
}

void PartitionMirror::write(redis::Command command, std::size_t bytes,
                            Callback<redis::Reply> done) {
  ++unanswered_;
  unanswered_bytes_ += bytes;
  world_.router.send(std::move(command), [self = shared_from_this(), bytes, d = std::move(done)](
                                             Result<redis::Reply> answer) mutable {
    self->unanswered_bytes_ -= bytes;
    if (--self->unanswered_ == 0) self->held_.clear();
    d(std::move(answer));
  });
}

// ---- reads -------------------------------------------------------------------------------------

void PartitionMirror::read(const std::vector<Bytes>& keys, CopiesDone done) {
  begin_anew_if_due();
  std::vector<Bytes> asked;
  std::vector<std::size_t> places;
  if (state_ == State::kMirroring) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!world_.worth_copying(keys[i]) || is_in_doubt(keys[i])) continue;
      asked.push_back(keys[i]);
      places.push_back(i);
    }
  }
  std::vector<Copy> copies(keys.size());
  if (asked.empty() || !health_.may_ask()) {
    world_.metrics.passed_by.add(keys.size());
    return done(std::move(copies));
  }
  world_.metrics.passed_by.add(keys.size() - asked.size());
  world_.router.send(
      read_command(keys_, generation_, asked),
      in_era([this, seal = seal_, p = std::move(places), c = std::move(copies),
              d = std::move(done)](bool current, Result<redis::Reply> answer) mutable {
        std::vector<Copy> found = judge(answer, current ? seal : Bytes(), p.size());
        for (std::size_t i = 0; i < p.size(); ++i) c[p[i]] = std::move(found[i]);
        d(std::move(c));
      }));
}

void PartitionMirror::late() {
  world_.metrics.late.add();
  health_.failed({ErrorCode::kDeadlineExceeded, "Redis did not answer within mirror.wait"});
}

// An answer counts with the seal that was to be there when it was asked for; with none, never.
std::vector<Copy> PartitionMirror::judge(const Result<redis::Reply>& answer, const Bytes& seal,
                                         std::size_t rows) {
  std::vector<Copy> copies(rows);
  const redis::Reply::Array* array = answer ? answer->array() : nullptr;
  if (array == nullptr || array->size() != rows + 1) {
    health_.failed(failure_of(answer));
    return copies;
  }
  health_.answered();
  const Bytes* found = array->front().bytes();
  if (seal.empty() || found == nullptr || *found != seal) {
    // Updates that are on their way may be what is missing; they will tell.
    if (!seal.empty() && seal == seal_) give_up();
    world_.metrics.unknown.add(rows);
    return copies;
  }
  std::size_t known = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const Bytes* bytes = (*array)[i + 1].bytes();
    auto copy = bytes != nullptr ? decode_copy(*bytes) : std::nullopt;
    if (!copy) continue;
    copies[i] = {true, std::move(*copy)};
    ++known;
  }
  world_.metrics.found.add(known);
  world_.metrics.unknown.add(rows - known);
  return copies;
}

PartitionMirror::Load PartitionMirror::begin_load(std::vector<Bytes> keys) {
  if (state_ != State::kBeginning && state_ != State::kMirroring) return {};
  for (const Bytes& key : keys) {
    Loading& loading = loading_[key];
    ++loading.loads;
    if (is_in_commit(key)) loading.changed = true;
  }
  return {era_, std::move(keys)};
}

void PartitionMirror::end_load(const Load& load, const std::vector<std::optional<Bytes>>* values) {
  const bool current = values != nullptr && load.era == era_ && state_ == State::kMirroring;
  Write next{.generation = generation_,
             .expected = seal_,
             .next = seal_,
             .mode = WriteMode::kFill,
             .rows = {}};
  for (std::size_t i = 0; i < load.keys.size(); ++i) {
    const auto loading = loading_.find(load.keys[i]);
    if (current && !loading->second.changed && world_.worth_copying(load.keys[i]) &&
        is_short((*values)[i])) {
      next.rows.push_back({load.keys[i], encode_copy((*values)[i])});
    }
    if (--loading->second.loads == 0) loading_.erase(loading);
  }
  if (!next.rows.empty()) fill(next);
}

bool PartitionMirror::is_in_commit(const Bytes& key) {
  if (!commit_) return false;
  if (commit_->keys.empty()) {
    for (const RowWrite& row : commit_->batch->rows) commit_->keys.insert(row.key);
  }
  return commit_->keys.contains(key);
}

}  // namespace longwire::storage::mirror
