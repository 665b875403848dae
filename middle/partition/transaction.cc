#include "middle/partition/transaction.h"

#include <algorithm>
#include <utility>

namespace longwire::middle {

Bytes lane_item_key(PartitionId to, LaneNumber number) {
  ByteWriter writer;
  writer.raw("l").u16(to).u64(number);
  return std::move(writer).take();
}

const Bytes* Transaction::get(BytesView key) {
  if (auto written = index_.find(key); written != index_.end()) {
    return written->second->value ? &*written->second->value : nullptr;
  }
  const RowCache::Row* row = context_.cache.find(key);
  if (row == nullptr) {
    missing_.emplace_back(key);
    return nullptr;
  }
  depends_on_ = std::max(depends_on_, row->batch);
  return row->value ? &*row->value : nullptr;
}

void Transaction::put(Bytes key, Bytes value, std::optional<Timestamp> expires) {
  write({std::move(key), std::move(value), expires});
}

void Transaction::remove(Bytes key) { write({std::move(key), std::nullopt, std::nullopt}); }

void Transaction::write(RowWrite write) {
  if (auto written = index_.find(write.key); written != index_.end()) {
    written->second->value = std::move(write.value);
    written->second->expires = write.expires;
    return;
  }
  writes_.push_back(std::move(write));
  index_.emplace(writes_.back().key, &writes_.back());
}

LaneNumbers& Transaction::change_lanes() {
  if (!changed_lanes_) changed_lanes_ = context_.lanes;
  return *changed_lanes_;
}

bool Transaction::lane_has_room(PartitionId to) const {
  if (to == context_.partition) return true;
  const auto added = static_cast<std::size_t>(
      std::count_if(items_.begin(), items_.end(), [to](const LaneItem& i) { return i.to == to; }));
  return context_.lane_waiting[to] + added < context_.lane_items_max;
}

LaneNumber Transaction::send(PartitionId to, Bytes payload) {
  if (to == context_.partition) {
    context_.effect(*this, payload);
    return 0;
  }
  const LaneNumber number = ++change_lanes().sent[to];
  put(lane_item_key(to, number), payload);
  items_.push_back({to, number, std::move(payload)});
  return number;
}

LaneNumber Transaction::taken(PartitionId from) {
  depends_on_ = std::max(depends_on_, context_.lanes_batch);
  return from < lanes().taken.size() ? lanes().taken[from] : 0;
}

bool Transaction::take(PartitionId from, LaneNumber number) {
  if (from >= lanes().taken.size() || number != taken(from) + 1) return false;
  change_lanes().taken[from] = number;
  return true;
}

}  // namespace longwire::middle
