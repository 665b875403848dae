#include <algorithm>
#include <utility>

#include "middle/partition/partition.h"

namespace longwire::middle {
namespace {
constexpr std::size_t kKeysPerLoadMax = 1024;
constexpr std::size_t kDamagesLoggedMax = 100;  // those after that are only counted
}  // namespace

void Partition::park(OperationPtr operation, std::vector<Bytes> keys) {
  auto parked = std::make_shared<Parked>(Parked{std::move(operation), 0});
  for (Bytes& key : keys) {
    Load& load = loads_[key];
    if (!load.waiting.empty() && load.waiting.back() == parked) continue;  // asked for it twice
    if (load.waiting.empty()) to_load_.push_back(std::move(key));
    load.waiting.push_back(parked);
    ++parked->missing;
  }
}

void Partition::start_loads() {
  while (!to_load_.empty()) {
    const auto count = std::min(to_load_.size(), kKeysPerLoadMax);
    const auto begin = to_load_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<Bytes> keys(std::make_move_iterator(begin),
                            std::make_move_iterator(to_load_.end()));
    to_load_.erase(begin, to_load_.end());
    std::vector<Bytes> asked = keys;
    parts_.store.get(id_, std::move(asked),
                     guard_.wrap<std::vector<std::optional<Bytes>>>(
                         [this, ownership = ownership_, k = std::move(keys)](auto values) mutable {
                           if (ownership == ownership_) loaded(std::move(k), std::move(values));
                         }));
  }
}

void Partition::loaded(std::vector<Bytes> keys, Result<std::vector<std::optional<Bytes>>> values) {
  if (!values) note_damage(values.error());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!values) {
      load_failed(keys[i], values.error());
      continue;
    }
    auto found = loads_.find(keys[i]);
    if (found == loads_.end()) continue;
    // What was written meanwhile is newer than what the store answered, even where the cache has
    // forgotten it since: then it is loaded again by the next run.
    if (!found->second.overwritten) cache_.load(std::move(keys[i]), std::move((*values)[i]));
    const std::vector<std::shared_ptr<Parked>> waiting = std::move(found->second.waiting);
    loads_.erase(found);
    unpark(waiting);
  }
  wake();
}

void Partition::unpark(const std::vector<std::shared_ptr<Parked>>& waiting) {
  for (const auto& parked : waiting) {
    if (--parked->missing > 0 || !parked->operation) continue;
    auto& queue = queues_[static_cast<std::size_t>(parked->operation->work_class)];
    // In the order of arrival: an account's messages are archived as they were sent.
    const auto place = std::find_if(queue.begin(), queue.end(), [&](const OperationPtr& other) {
      return other->arrival > parked->operation->arrival;
    });
    queue.insert(place, std::move(parked->operation));
  }
}

// The message tells the place. Who asks for it will ask again and again; an opening tells by
// itself.
void Partition::note_damage(const Error& error) {
  if (error.code != ErrorCode::kCorrupt || state_ == State::kOpening) return;
  damaged_.add();
  if (damages_.size() == kDamagesLoggedMax || !damages_.insert(error.message).second) return;
  log_.error("rows_damaged", {{"partition", id_}, {"error", error.message}});
}

void Partition::load_failed(const Bytes& key, const Error& error) {
  auto found = loads_.find(key);
  if (found == loads_.end()) return;
  std::vector<std::shared_ptr<Parked>> waiting = std::move(found->second.waiting);
  loads_.erase(found);
  for (const auto& parked : waiting) {
    if (parked->operation) refuse(std::move(parked->operation), error);
  }
}

}  // namespace longwire::middle
