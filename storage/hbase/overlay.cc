#include "storage/hbase/overlay.h"

#include <iterator>

namespace longwire::storage::hbase {

void Overlay::add(middle::Position position, const middle::BatchPtr& batch) {
  for (const middle::RowWrite& row : batch->rows) {
    entries_.erase(row.key);  // the key itself belongs to the batch before
    entries_.emplace(row.key, Entry{position, batch, &row});
  }
}

void Overlay::remove(middle::Position position, const middle::Batch& batch) {
  for (const middle::RowWrite& row : batch.rows) {
    const auto it = entries_.find(row.key);
    if (it != entries_.end() && it->second.position == position) entries_.erase(it);
  }
}

const Overlay::Entry* Overlay::find(BytesView key) const {
  const auto it = entries_.find(key);
  return it == entries_.end() ? nullptr : &it->second;
}

std::vector<Overlay::Entry> Overlay::range(const middle::ScanRequest& request,
                                           Timestamp now) const {
  std::vector<Entry> out;
  if (request.from >= request.to) return out;
  const auto begin = entries_.lower_bound(request.from);
  const auto end = entries_.lower_bound(request.to);
  std::size_t live = 0;
  const auto take = [&](const Entry& entry) {
    out.push_back(entry);
    if (entry.row->value && !expired(entry.row->expires, now)) ++live;
    return live < request.rows_max;
  };
  if (request.reverse) {
    for (auto it = end; it != begin && take(std::prev(it)->second); --it) {
    }
  } else {
    for (auto it = begin; it != end && take(it->second); ++it) {
    }
  }
  return out;
}

}  // namespace longwire::storage::hbase
