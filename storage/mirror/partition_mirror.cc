#include "storage/mirror/partition_mirror.h"

#include <utility>

#include "base/encoding.h"

namespace longwire::storage::mirror {
namespace {

using middle::Position;
using middle::RowWrite;
using middle::WriterId;

// Of one partition's writes: above it Redis is too slow, and the copies are given up.
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

}  // namespace

PartitionMirror::PartitionMirror(middle::PartitionId partition, const MirrorWorld& world)
    : world_(world), keys_(world.info, partition) {}

void PartitionMirror::close() { opening(); }

void PartitionMirror::hold_until_written(std::shared_ptr<void> held) {
  if (unanswered_ > 0) held_.push_back(std::move(held));
}

// ---- what becomes of the partition -------------------------------------------------------------

void PartitionMirror::opening() {
  ++era_;
  commit_.reset();
  tenure_ = {};
  enter(State::kNotOurs);
}

// Its copies are good where the seal says that they are the rows of the writer before us, as of
// its last commit.
void PartitionMirror::opened(const WriterId& writer, const middle::Head& head) {
  tenure_ = {writer, head.position};
  begin({head.previous_writer, head.previous_position});
}

void PartitionMirror::committing(const WriterId& writer, Position position,
                                 middle::BatchPtr batch) {
  if (writer != tenure_.writer) return;
  for (const RowWrite& row : batch->rows) {
    if (auto load = loading_.find(row.key); load != loading_.end()) load->second.changed = true;
  }
  commit_ = Commit{position, std::move(batch), {}};
}

void PartitionMirror::committed(const WriterId& writer, Position position) {
  // A commit of somebody else's: we were deposed within this process.
  if (writer != tenure_.writer) return opening();
  if (!commit_ || commit_->position != position) return;
  const Commit commit = std::move(*std::exchange(commit_, std::nullopt));
  tenure_.position = position;
  if (state_ == State::kMirroring) return copy(*commit.batch);
  give_up();  // what is only beginning would not have these rows
  begin_anew_if_due();
}

// The batch stays the commit that loads look out for: it may get in at any moment.
void PartitionMirror::in_doubt(const WriterId& writer) {
  if (writer == tenure_.writer) give_up();
}

void PartitionMirror::deposed(const WriterId& writer) {
  if (writer == tenure_.writer) opening();
}

// ---- copies begin, and are given up ------------------------------------------------------------

void PartitionMirror::enter(State state) {
  if (state_ == State::kMirroring) world_.metrics.partitions.add(-1);
  if (state == State::kMirroring) world_.metrics.partitions.add(1);
  state_ = state;
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
  write(begin_command(keys_, before, tenure_, fresh, world_.options.keep), 0,
        in_era([this, fresh](bool current, Result<redis::Reply> answer) {
          if (!current) return;
          const Bytes* generation = answer ? answer->bytes() : nullptr;
          if (generation == nullptr || generation->size() != fresh.size()) {
            world_.health.failed(failure_of(answer));
            return give_up();
          }
          if (*generation == fresh) world_.metrics.begun.add();
          begun(*generation);
        }));
}

void PartitionMirror::begun(Generation generation) {
  world_.health.answered();
  generation_ = std::move(generation);
  seal_ = encode_seal(generation_, tenure_);
  enter(State::kMirroring);
}

void PartitionMirror::begin_anew_if_due() {
  if (state_ != State::kGivenUp || !world_.health.usable()) return;
  if (world_.clock.monotonic() >= begin_not_before_) begin({});
}

void PartitionMirror::give_up() {
  if (state_ == State::kNotOurs) return;
  ++era_;
  enter(State::kGivenUp);
}

// ---- writes ------------------------------------------------------------------------------------

// Every commit moves the seal, also one without a row that is worth a copy.
void PartitionMirror::copy(const middle::Batch& batch) {
  Write next{.generation = generation_,
             .expected = seal_,
             .next = encode_seal(generation_, tenure_),
             .mode = WriteMode::kUpdate,
             .rows = {}};
  for (const RowWrite& row : batch.rows) {
    if (!world_.worth_copying(row.key)) continue;
    next.rows.push_back({row.key, is_short(row.value) ? encode_copy(row.value) : Bytes()});
  }
  send(next);
}

bool PartitionMirror::is_short(const std::optional<Bytes>& value) const {
  return !value || value->size() <= static_cast<std::size_t>(world_.options.row_bytes_max);
}

void PartitionMirror::send(const Write& next) {
  const std::size_t bytes = bytes_of(next);
  if (unanswered_bytes_ + bytes > kUnansweredBytesMax) return give_up();
  seal_ = next.next;
  write(write_command(keys_, next, world_.options.keep), bytes,
        in_era([this](bool current, Result<redis::Reply> answer) {
          if (!current) return;
          const std::int64_t* done = answer ? answer->integer() : nullptr;
          if (done == nullptr) world_.health.failed(failure_of(answer));
          if (done == nullptr || *done != 1) return give_up();
          world_.health.answered();
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
  if (state_ == State::kMirroring && world_.health.usable()) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!world_.worth_copying(keys[i])) continue;
      asked.push_back(keys[i]);
      places.push_back(i);
    }
  }
  std::vector<Copy> copies(keys.size());
  world_.metrics.passed_by.add(keys.size() - asked.size());
  if (asked.empty()) return done(std::move(copies));
  world_.router.send(
      read_command(keys_, generation_, asked),
      in_era([this, seal = seal_, p = std::move(places), c = std::move(copies),
              d = std::move(done)](bool current, Result<redis::Reply> answer) mutable {
        std::vector<Copy> found(p.size());
        if (current) found = judge(answer, seal, p.size());
        for (std::size_t i = 0; i < p.size(); ++i) c[p[i]] = std::move(found[i]);
        d(std::move(c));
      }));
}

// An answer counts with the seal that was to be there when it was asked for.
std::vector<Copy> PartitionMirror::judge(const Result<redis::Reply>& answer, const Bytes& seal,
                                         std::size_t rows) {
  std::vector<Copy> copies(rows);
  const redis::Reply::Array* array = answer ? answer->array() : nullptr;
  if (array == nullptr || array->size() != rows + 1) {
    world_.health.failed(failure_of(answer));
    return copies;
  }
  world_.health.answered();
  const Bytes* found = array->front().bytes();
  if (found == nullptr || *found != seal) {
    // Writes that are on their way may be what is missing; they will tell.
    if (seal == seal_) give_up();
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
  if (!next.rows.empty()) send(next);
}

bool PartitionMirror::is_in_commit(const Bytes& key) {
  if (!commit_) return false;
  if (commit_->keys.empty()) {
    for (const RowWrite& row : commit_->batch->rows) commit_->keys.insert(row.key);
  }
  return commit_->keys.contains(key);
}

}  // namespace longwire::storage::mirror
