#include "tests/sim/sim_store.h"

#include <algorithm>
#include <utility>

#include "middle/feed/feed_rows.h"
#include "middle/partition/lane_numbers.h"

namespace longwire::sim {

using middle::Batch;
using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::Row;
using middle::ScanRequest;
using middle::WriterId;
using std::chrono::milliseconds;

namespace {

using Rows = std::map<Bytes, SimPartition::Stored>;

std::vector<Row> scan_rows(const Rows& rows, const ScanRequest& request) {
  std::vector<Row> found;
  if (request.from >= request.to) return found;
  std::size_t bytes = 0;
  auto take = [&](const auto& row) {
    bytes += row.first.size() + row.second.value.size();
    if (found.size() >= request.rows_max || (!found.empty() && bytes > request.bytes_max)) {
      return false;
    }
    found.push_back({row.first, row.second.value, row.second.expires});
    return true;
  };
  auto begin = rows.lower_bound(request.from);
  auto end = rows.lower_bound(request.to);
  if (request.reverse) {
    while (end != begin && take(*std::prev(end))) --end;
  } else {
    while (begin != end && take(*begin)) ++begin;
  }
  return found;
}

}  // namespace

SimStorage::SimStorage(SimWorld& world, std::uint16_t partitions)
    : world_(world), partitions_(partitions) {
  info_.partitions = partitions;
  info_.incarnation = middle::Incarnation("00000000000000aa");
}

Head SimStorage::take_over(SimPartition& partition, const WriterId& writer) {
  Head& head = partition.head;
  if (head.writer == writer) return head;
  head.previous_writer = std::exchange(head.writer, writer);
  head.previous_position = head.position++;
  head.stamp = head.stamp + milliseconds(1);
  return head;
}

void SimStorage::intrude(PartitionId partition) {
  take_over(partitions_.at(partition),
            WriterId("intruder" + std::to_string(world_.random().next())));
}

CommitOutcome SimStorage::commit(SimPartition& partition, const WriterId& writer, Position position,
                                 const Batch& batch) {
  Head& head = partition.head;
  if (!planted_.ignore_position) {
    if (head.writer != writer) return CommitOutcome::kDeposed;
    if (head.position == position) return CommitOutcome::kDone;
    if (head.position + 1 != position) return CommitOutcome::kDeposed;
  }
  ++commits_;
  head.position = std::max(head.position, position);
  head.stamp = std::max(head.stamp, batch.stamp);
  const Bytes before = std::exchange(head.state, batch.state);
  if (planted_.lane_item_twice) spoil_lanes(head.state, before);
  for (const middle::RowWrite& row : batch.rows) {
    if (spoils(row.key)) continue;
    if (row.value) {
      partition.rows[row.key] = {*row.value, middle::stored_expiry(row.expires)};
    } else {
      partition.rows.erase(row.key);
    }
  }
  return CommitOutcome::kDone;
}

// Tables are told by the first byte of their keys (middle/feed/feed_rows.cc).
bool SimStorage::spoils(BytesView key) {
  const bool cursor = planted_.cursor_falls && key.starts_with('c');
  const bool feed = planted_.number_twice && middle::is_feed_key(key);
  return (cursor || feed) && world_.random().chance(0.2);
}

void SimStorage::spoil_lanes(Bytes& state, const Bytes& before) {
  auto now = middle::decode_lane_numbers(state, partitions_.size());
  auto old = middle::decode_lane_numbers(before, partitions_.size());
  if (!now.ok() || !old.ok() || !world_.random().chance(0.2)) return;
  now->taken = old->taken;
  state = middle::encode_lane_numbers(*now);
}

milliseconds SimStore::latency() {
  SimRandom& random = world_.random();
  return milliseconds(random.chance(storage_.faults_.slow) ? random.between(5, 400)
                                                           : random.between(0, 2));
}

template <typename T>
void SimStore::answer(std::shared_ptr<Callback<T>> done, Result<T> result) {
  auto task = std::make_shared<Result<T>>(std::move(result));
  world_.at(latency(), [this_executor = &executor_, done, task] {
    this_executor->post([done, task] { (*done)(std::move(*task)); });
  });
}

template <typename T, typename Work>
void SimStore::call(Callback<T> done, Work work) {
  const SimStorage::Faults& faults = storage_.faults_;
  SimRandom& random = world_.random();
  auto shared = std::make_shared<Callback<T>>(std::move(done));
  const Error timeout{ErrorCode::kDeadlineExceeded, "simulated: no answer"};
  if (random.chance(faults.refused)) {
    return answer<T>(shared, Error{ErrorCode::kUnavailable, "simulated: refused"});
  }
  if (random.chance(faults.request_lost)) return answer<T>(shared, timeout);
  const bool lost = random.chance(faults.answer_lost);
  const bool zombie = random.chance(faults.zombie);
  const milliseconds on_the_way = latency() + milliseconds(zombie ? random.between(1, 2000) : 0);
  if (zombie) answer<T>(shared, timeout);
  // The storage stays, its user may be gone by then.
  world_.at(on_the_way,
            [store = *this, shared, work = std::move(work), lost, zombie, timeout]() mutable {
              Result<T> result = work(store.storage_);
              if (zombie) return;
              if (lost) {
                store.answer<T>(shared, timeout);
              } else {
                store.answer<T>(shared, std::move(result));
              }
            });
}

void SimStore::open(PartitionId partition, WriterId writer, Callback<Head> done) {
  call<Head>(std::move(done), [partition, writer = std::move(writer)](SimStorage& storage) {
    return Result<Head>(storage.take_over(storage.partitions_.at(partition), writer));
  });
}

void SimStore::commit(PartitionId partition, const WriterId& writer, Position position,
                      middle::BatchPtr batch, Callback<CommitOutcome> done) {
  call<CommitOutcome>(std::move(done),
                      [partition, writer, position, batch = std::move(batch)](SimStorage& storage) {
                        return Result<CommitOutcome>(storage.commit(
                            storage.partitions_.at(partition), writer, position, *batch));
                      });
}

void SimStore::head(PartitionId partition, Callback<Head> done) {
  call<Head>(std::move(done), [partition](SimStorage& storage) {
    return Result<Head>(storage.partitions_.at(partition).head);
  });
}

void SimStore::get(PartitionId partition, std::vector<Bytes> keys,
                   Callback<std::vector<std::optional<Bytes>>> done) {
  using Values = std::vector<std::optional<Bytes>>;
  call<Values>(std::move(done), [partition, keys = std::move(keys)](SimStorage& storage) {
    const auto& rows = storage.partitions_.at(partition).rows;
    Values values;
    for (const Bytes& key : keys) {
      auto found = rows.find(key);
      values.push_back(found == rows.end() ? std::nullopt
                                           : std::optional<Bytes>(found->second.value));
    }
    return Result<Values>(std::move(values));
  });
}

void SimStore::scan(PartitionId partition, ScanRequest request, Callback<std::vector<Row>> done) {
  call<std::vector<Row>>(
      std::move(done), [partition, request = std::move(request)](SimStorage& storage) {
        return Result<std::vector<Row>>(scan_rows(storage.partitions_.at(partition).rows, request));
      });
}

}  // namespace longwire::sim
