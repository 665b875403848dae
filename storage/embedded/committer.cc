#include "storage/embedded/committer.h"

#include <future>
#include <utility>

#include "storage/embedded/rocks_format.h"

namespace longwire::storage {
namespace {

using middle::Batch;
using middle::BatchPtr;
using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::WriterId;

constexpr std::size_t kRequestBytes = 512;  // what an empty batch counts for

std::size_t batch_bytes(const Batch& batch) {
  std::size_t total = batch.state.size();
  for (const auto& row : batch.rows) {
    total += row.key.size() + (row.value ? row.value->size() : 0);
  }
  return total;
}

Error invalid(const char* message) { return {ErrorCode::kInvalidArgument, message}; }

}  // namespace

Result<std::vector<Head>> read_heads(const RocksDatabase& database, std::uint16_t partitions) {
  std::vector<Head> heads(partitions);
  for (PartitionId partition = 0; partition < partitions; ++partition) {
    const auto stored = database.read(head_key(partition));
    if (!stored) return stored.error();
    if (!stored->has_value()) continue;
    auto head = decode_head(**stored);
    if (!head) return std::move(head).error();
    heads[partition] = std::move(*head);
  }
  return heads;
}

Committer::Committer(RocksDatabase& database, const EmbeddedStoreOptions& options,
                     std::vector<Head> heads, const Clock& clock, LogSink& log)
    : database_(database), options_(options), clock_(clock), log_(log, "storage") {
  heads_.lock()->all = std::move(heads);
  thread_ = std::thread([this] { run(); });
}

Committer::~Committer() {
  queue_.lock()->stopping = true;
  changed_.notify_one();
  thread_.join();
}

void Committer::open(PartitionId partition, WriterId writer, Callback<Head> done) {
  Request request;
  request.partition = partition;
  request.writer = std::move(writer);
  request.opened = std::move(done);
  enqueue(std::move(request));
}

void Committer::commit(PartitionId partition, const WriterId& writer, Position position,
                       BatchPtr batch, Callback<CommitOutcome> done) {
  Request request;
  request.partition = partition;
  request.writer = writer;
  request.position = position;
  request.bytes = batch_bytes(*batch);
  request.batch = std::move(batch);
  request.committed = std::move(done);
  enqueue(std::move(request));
}

void Committer::head(PartitionId partition, Callback<Head> done) {
  std::optional<Result<Head>> answer;
  {
    const auto heads = heads_.lock();
    if (partition >= heads->all.size()) {
      answer = Result<Head>(invalid("no such partition"));
    } else if (heads->known) {
      answer = Result<Head>(heads->all[partition]);
    }
  }
  if (answer) return done(std::move(*answer));
  Request request;
  request.partition = partition;
  request.only_head = true;
  request.opened = std::move(done);
  enqueue(std::move(request));
}

Status Committer::run_between_groups(UniqueFunction<Status()> task) {
  std::promise<Status> done;
  auto result = done.get_future();
  Request request;
  request.task = [&done, &task] { done.set_value(task()); };
  enqueue(std::move(request));
  return result.get();
}

void Committer::enqueue(Request request) {
  {
    auto queue = queue_.lock();
    request.refused =
        !request.task && queue->bytes + request.bytes > options_.commits_queued_bytes_max;
    if (request.refused) {
      request.batch.reset();
      request.bytes = 0;
    }
    request.bytes += kRequestBytes;
    queue->bytes += request.bytes;
    queue->waiting.push_back(std::move(request));
  }
  changed_.notify_one();
}

void Committer::run() {
  for (;;) {
    std::vector<Request> group = next_group();
    if (group.empty()) return;
    if (group.front().task) {
      group.front().task();
      continue;
    }
    write_group(group);
    for (Request& request : group) answer(request);
  }
}

// Everything that waits, up to the bounds of a group; a task comes alone. Empty: the end.
std::vector<Committer::Request> Committer::next_group() {
  auto queue = queue_.lock();
  changed_.wait(queue.mutex_lock(), [&] { return queue->stopping || !queue->waiting.empty(); });
  std::vector<Request> group;
  std::size_t bytes = 0;
  while (!queue->waiting.empty()) {
    Request& next = queue->waiting.front();
    if (!group.empty() && (next.task || bytes + next.bytes > options_.group_bytes_max)) break;
    bytes += next.bytes;
    queue->bytes -= next.bytes;
    group.push_back(std::move(next));
    queue->waiting.pop_front();
    if (group.back().task) break;
  }
  return group;
}

void Committer::write_group(std::vector<Request>& group) {
  if (const Status settled = settle(); !settled.ok()) return fail(group, settled.error());
  StagedHeads staged;
  rocksdb::WriteBatch batch;
  for (Request& request : group) stage(request, staged, batch);
  if (staged.empty()) return;
  for (const auto& [partition, head] : staged) {
    const auto status = batch.Put(head_key(partition), encode_head(head));
    CHECK(status.ok());
  }
  if (const Status written = database_.write(batch); !written.ok()) {
    heads_.lock()->known = false;
    log_.error("write_failed", {{"error", written.error().message}});
    return fail(group, written.error());
  }
  auto heads = heads_.lock();
  for (auto& [partition, head] : staged) heads->all[partition] = std::move(head);
}

// A request that changes nothing (refused, deposed, a repeat) leaves `heads` and `batch` alone.
void Committer::stage(Request& request, StagedHeads& heads, rocksdb::WriteBatch& batch) {
  if (request.refused) {
    request.error =
        Error{ErrorCode::kUnavailable, "too many commits wait", options_.retry_interval};
    return;
  }
  Head head;
  {
    const auto stored = heads_.lock();
    if (request.partition >= stored->all.size()) {
      request.error = invalid("no such partition");
      return;
    }
    const auto staged = heads.find(request.partition);
    head = staged == heads.end() ? stored->all[request.partition] : staged->second;
  }
  if (request.only_head) {
    request.head = std::move(head);
  } else if (request.opened) {
    if (stage_open(request, head)) heads[request.partition] = std::move(head);
  } else if (stage_commit(request, head)) {
    put_rows(request.partition, *request.batch, batch);
    heads[request.partition] = std::move(head);
  }
}

// True where the takeover is to be written; a repeated one is not.
bool Committer::stage_open(Request& request, Head& head) {
  const bool repeated = head.writer == request.writer;
  if (!repeated) {
    head.previous_writer = std::exchange(head.writer, request.writer);
    head.previous_position = head.position++;
    head.stamp = head.stamp + std::chrono::milliseconds(1);
  }
  request.head = head;
  return !repeated;
}

// True where the batch is to be written.
bool Committer::stage_commit(Request& request, Head& head) const {
  const bool own = head.writer == request.writer;
  const bool repeated = own && head.position == request.position;
  if (!own || head.position + 1 != request.position) {
    request.outcome = repeated ? CommitOutcome::kDone : CommitOutcome::kDeposed;
    return false;
  }
  if (request.batch->stamp <= head.stamp) {
    request.error = invalid("a batch's stamp must be above the head's");
    return false;
  }
  if (request.bytes - kRequestBytes > middle::kBatchBytesMax) {
    request.error = invalid("batch too large");
    return false;
  }
  head.position = request.position;
  head.stamp = request.batch->stamp;
  head.state = request.batch->state;
  return true;
}

void Committer::put_rows(PartitionId partition, const Batch& rows, rocksdb::WriteBatch& batch) {
  for (const auto& row : rows.rows) {
    make_row_key(partition, row.key, key_buffer_);
    rocksdb::Status status;
    if (row.value) {
      make_row_value(*row.value, row.expires, value_buffer_);
      status = batch.Put(key_buffer_, value_buffer_);
    } else {
      status = batch.Delete(key_buffer_);
    }
    CHECK(status.ok());
  }
}

// After a failed write only a replay of the log tells what is in. A failed attempt is not repeated
// before the interval has passed: each one costs.
Status Committer::settle() {
  if (heads_.lock()->known) return {};
  const MonotonicTime now = clock_.monotonic();
  if (last_settle_ && now - *last_settle_ < options_.retry_interval) {
    return Error{ErrorCode::kUnavailable, "a failed write is not settled yet"};
  }
  last_settle_ = now;
  TRY(database_.reopen());
  auto heads = read_heads(database_, static_cast<std::uint16_t>(heads_.lock()->all.size()));
  if (!heads) return std::move(heads).error();
  auto current = heads_.lock();
  current->all = std::move(*heads);
  current->known = true;
  last_settle_.reset();
  log_.info("write_recovered");
  return {};
}

void Committer::fail(std::vector<Request>& group, const Error& error) const {
  for (Request& request : group) {
    request.error = error;
    // Damage does not heal, but only a repeat tells whether this write is in.
    request.error->code = ErrorCode::kUnavailable;
    request.error->retry_after = options_.retry_interval;
  }
}

void Committer::answer(Request& request) {
  if (request.opened) {
    if (request.error) return request.opened(std::move(*request.error));
    return request.opened(std::move(request.head));
  }
  if (request.error) return request.committed(std::move(*request.error));
  request.committed(request.outcome);
}

}  // namespace longwire::storage
