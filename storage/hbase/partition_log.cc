#include "storage/hbase/partition_log.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "storage/hbase/tables.h"

namespace longwire::storage::hbase {
namespace {

using middle::BatchPtr;
using middle::CommitOutcome;
using middle::Head;
using middle::Position;
using middle::WriterId;

constexpr int kTriesMax = 4;

Error invalid(std::string_view what) { return {ErrorCode::kInvalidArgument, std::string(what)}; }

// The one put of a commit, `next` the head it makes: head, batch, and nothing in the slots of what
// is derived. A cell of the batch may be one of those.
ConditionalPut make_put(middle::PartitionId partition, const LogHead& next,
                        const middle::Batch& batch, const StoredLog& log) {
  std::map<Bytes, Bytes> values;
  for (const LoggedBatch& logged : log.batches) {
    if (logged.position >= next.underived) break;
    for (std::size_t part = 0; part < logged.parts; ++part) {
      values.emplace(slot_cell(logged.position, part), Bytes());
    }
  }
  for (Cell& cell : encode_batch(next.head.position, batch)) {
    values.insert_or_assign(std::move(cell.qualifier), std::move(cell.value));
  }
  values.insert_or_assign(kHeadCell, encode_head(next));
  ConditionalPut put{log_row(partition), kHeadCell, log.head.bytes, {}};
  const auto stamp = static_cast<std::int64_t>(next.head.position);
  for (auto& [qualifier, value] : values) put.cells.push_back({qualifier, std::move(value), stamp});
  return put;
}

Status check_rows(const middle::Batch& batch) {
  for (const middle::RowWrite& row : batch.rows) {
    if (row.key.size() > kKeyBytesMax) return invalid("key too long");
  }
  return {};
}

}  // namespace

Result<Head> PartitionLog::open(Link& link, const WriterId& writer) {
  disown();
  for (int i = 0; i < kTriesMax; ++i) {
    const auto stored = reader_.head(link);
    if (!stored) return stored.error();
    const bool ours = stored->log.head.position > 0 && stored->log.head.writer == writer;
    if (!ours) {
      const auto taken = take_over(link, writer, *stored);
      if (!taken) return taken.error();
      if (!*taken) continue;  // another was faster, or it was our own first try
    }
    TRY(settle(link, writer));
    const auto state = state_.lock();
    if (state->owned) return state->head.log.head;
  }
  return Error{ErrorCode::kUnavailable, "others take this partition over again and again",
               options_.backoff_min};
}

// A takeover's batch is empty; its slot is written all the same, so that a hole is a loss.
//
// An import marks the storage before it takes partitions over. One whose mark is not seen here
// comes to this partition after its head was read: it refuses the put below, or takes over after
// it.
Result<bool> PartitionLog::take_over(Link& link, const WriterId& writer, const StoredHead& stored) {
  TRY(check_unchanged(link, options_, info_));
  StoredLog log;
  log.head = stored;
  LogHead next = stored.log;
  Head& head = next.head;
  head.previous_writer = std::exchange(head.writer, writer);
  head.previous_position = head.position++;
  head.stamp = head.stamp + std::chrono::milliseconds(1);
  if (head.position - next.underived >= kSlots) {
    auto full = reader_.log(link);
    if (!full) return std::move(full).error();
    if (full->head.bytes != stored.bytes) return false;
    log = std::move(*full);
    TRY(derive_all(link, log));
    next.underived = head.position;
  }
  middle::Batch batch;
  batch.stamp = head.stamp;
  const ConditionalPut put = make_put(partition_, next, batch, log);
  return link.once(
      [&](GatewayConnection& gateway) { return gateway.put_if(options_.log_table(), put); });
}

// Every slot is taken: whoever takes over derives what those before it did not come to.
Status PartitionLog::derive_all(Link& link, const StoredLog& log) const {
  for (const LoggedBatch& logged : log.batches) {
    std::vector<StoredRow> rows;
    append_derived(partition_, {{logged.position, logged.batch}}, options_.removed_kept, rows);
    TRY(put_derived(link, options_, std::move(rows)));
  }
  return {};
}

Result<CommitOutcome> PartitionLog::commit(Link& link, const WriterId& writer, Position position,
                                           const BatchPtr& batch) {
  for (int i = 0; i < kTriesMax; ++i) {
    TRY(settle(link, writer));
    if (auto known = judge(writer, position, *batch)) return std::move(*known);
    const auto put = put_batch(link, batch);
    if (put && *put) return CommitOutcome::kDone;
    // Refused, it may be our own first try that is in; unanswered, it may be in or come later.
    disown();
    if (!put) return put.error();
  }
  return Error{ErrorCode::kUnavailable, "the partition's head moves", options_.backoff_min};
}

std::optional<Result<CommitOutcome>> PartitionLog::judge(const WriterId& writer, Position position,
                                                         const middle::Batch& batch) const {
  const auto state = state_.lock();
  const Head& head = state->head.log.head;
  if (!state->owned || head.writer != writer) return CommitOutcome::kDeposed;
  if (head.position == position) return CommitOutcome::kDone;  // a repeated call
  if (head.position + 1 != position) return CommitOutcome::kDeposed;
  if (const Status admitted = admit(*state, batch); !admitted.ok()) return admitted.error();
  return std::nullopt;
}

Status PartitionLog::admit(const State& state, const middle::Batch& batch) const {
  const Head& head = state.head.log.head;
  if (batch.stamp <= head.stamp) return invalid("a batch's stamp must be above the head's");
  const std::size_t bytes = batch_bytes(batch);
  if (bytes > middle::kBatchBytesMax) return invalid("batch too large");
  TRY(check_rows(batch));
  const bool full =
      state.underived_bytes > 0 &&
      state.underived_bytes + bytes > static_cast<std::size_t>(options_.underived_bytes_max);
  const Position waiting = head.position + 1 - state.derived_below;
  if (full || waiting >= static_cast<Position>(options_.underived_batches_max)) {
    return Error{ErrorCode::kUnavailable, "too much waits to be derived", options_.backoff_min};
  }
  return {};
}

// The state does not change meanwhile but for what is derived: commits come one at a time.
Result<bool> PartitionLog::put_batch(Link& link, const BatchPtr& batch) {
  StoredLog log;
  LogHead next;
  {
    const auto state = state_.lock();
    log.head = state->head;
    next = log.head.log;
    next.underived = state->derived_below;
    for (const LoggedBatch& logged : state->batches) {
      if (logged.position < next.underived) log.batches.push_back(logged);
    }
  }
  ++next.head.position;
  next.head.stamp = batch->stamp;
  next.head.state = batch->state;
  const ConditionalPut put = make_put(partition_, next, *batch, log);
  auto done = link.once(
      [&](GatewayConnection& gateway) { return gateway.put_if(options_.log_table(), put); });
  if (!done || !*done) return done;

  LoggedBatch logged{next.head.position, batch, 0, 0};
  for (const Cell& cell : put.cells) {
    if (cell.qualifier == kHeadCell || cell.value.empty()) continue;
    logged.bytes += cell.value.size();
    ++logged.parts;
  }
  auto state = state_.lock();
  while (!state->batches.empty() && state->batches.front().position < next.underived) {
    state->batches.pop_front();
  }
  state->head.log = std::move(next);
  state->head.bytes = encode_head(state->head.log);
  state->underived_bytes += logged.bytes;
  state->overlay.add(logged.position, batch);
  state->batches.push_back(std::move(logged));
  count(*state);
  return true;
}

Status PartitionLog::settle(Link& link, const WriterId& writer) {
  if (state_.lock()->owned) return {};
  const auto head = reader_.head(link);
  if (!head) return head.error();
  if (head->log.head.position == 0 || head->log.head.writer != writer) return {};
  auto log = reader_.log(link);
  if (!log) return std::move(log).error();
  if (log->head.log.head.writer == writer) own(std::move(*log));
  return {};
}

void PartitionLog::own(StoredLog log) {
  auto state = state_.lock();
  state->owned = true;
  state->derived_below = log.head.log.underived;
  state->underived_bytes = 0;
  state->overlay = Overlay();
  for (const LoggedBatch& logged : log.batches) {
    state->underived_bytes += logged.bytes;
    state->overlay.add(logged.position, logged.batch);
  }
  state->head = std::move(log.head);
  state->batches = std::move(log.batches);
  count(*state);
}

// What is not derived is read again by whoever owns it next.
void PartitionLog::disown() {
  auto state = state_.lock();
  state->owned = false;
  state->batches.clear();
  state->underived_bytes = 0;
  state->overlay = Overlay();
  count(*state);
}

void PartitionLog::count(const State& state) {
  const Position end = state.head.log.head.position + 1;
  underived_.set(state.owned ? static_cast<std::int64_t>(end - state.derived_below) : 0);
}

std::optional<Underived> PartitionLog::take_underived(std::size_t rows_max, std::size_t bytes_max) {
  auto state = state_.lock();
  if (!state->owned || state->deriving) return std::nullopt;
  Underived taken;
  std::size_t rows = 0;
  std::size_t bytes = 0;
  for (const LoggedBatch& logged : state->batches) {
    if (logged.position < state->derived_below) continue;
    rows += logged.batch->rows.size();
    bytes += logged.bytes;
    if (!taken.batches.empty() && (rows > rows_max || bytes > bytes_max)) break;
    taken.batches.emplace_back(logged.position, logged.batch);
    taken.rows = rows;
    taken.bytes = bytes;
    taken.below = logged.position + 1;
  }
  if (taken.batches.empty()) return std::nullopt;
  state->deriving = true;
  return taken;
}

// That they are in the table stays true, whatever became of the partition meanwhile.
bool PartitionLog::derived(const Underived& batches, bool in_table) {
  auto state = state_.lock();
  state->deriving = false;
  const Position end = state->head.log.head.position + 1;
  if (in_table) {
    for (LoggedBatch& logged : state->batches) {
      if (logged.position >= batches.below || !logged.batch) continue;
      state->overlay.remove(logged.position, *logged.batch);
      state->underived_bytes -= logged.bytes;
      logged.batch.reset();
    }
    state->derived_below = std::max(state->derived_below, std::min(batches.below, end));
  }
  count(*state);
  return state->owned && state->derived_below < end;
}

}  // namespace longwire::storage::hbase
