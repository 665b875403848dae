#include "middle/partition/row_cache.h"

#include <utility>

namespace longwire::middle {
namespace {
constexpr std::size_t kRowOverhead = 128;  // list node, index slot, string headers
constexpr std::size_t kSlackMax = 64;      // bytes of a row's value that a writer left over

// A writer's buffer grows by doubling; rows stay long.
void tighten(std::optional<Bytes>& value) {
  if (value && value->capacity() - value->size() > kSlackMax) value->shrink_to_fit();
}

}  // namespace

std::size_t RowCache::cost(const Row& row) {
  return kRowOverhead + row.key.size() + (row.value ? row.value->size() : 0);
}

const RowCache::Row* RowCache::find(BytesView key) {
  auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &*found->second;
}

void RowCache::load(Bytes key, std::optional<Bytes> value) {
  if (index_.contains(key)) return;
  tighten(value);
  order_.push_front(Row{std::move(key), std::move(value), 0});
  index_.emplace(order_.front().key, order_.begin());
  bytes_ += cost(order_.front());
}

void RowCache::write(Bytes key, std::optional<Bytes> value, BatchNumber batch) {
  auto found = index_.find(key);
  if (found == index_.end()) {
    load(std::move(key), std::move(value));
    order_.front().batch = batch;
    return;
  }
  Row& row = *found->second;
  bytes_ -= cost(row);
  tighten(value);
  row.value = std::move(value);
  row.batch = batch;
  bytes_ += cost(row);
  order_.splice(order_.begin(), order_, found->second);
}

void RowCache::trim() {
  auto candidate = order_.end();
  while (bytes_ > bytes_max_ && candidate != order_.begin()) {
    --candidate;
    if (candidate->batch > settled_) continue;
    bytes_ -= cost(*candidate);
    index_.erase(candidate->key);
    candidate = order_.erase(candidate);
  }
}

void RowCache::clear() {
  index_.clear();
  order_.clear();
  bytes_ = 0;
  settled_ = 0;
}

}  // namespace longwire::middle
