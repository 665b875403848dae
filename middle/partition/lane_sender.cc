#include "middle/partition/lane_sender.h"

#include <algorithm>
#include <utility>

namespace longwire::middle {
namespace {
constexpr std::size_t kMessageBytesMax = 512 * 1024;
constexpr std::size_t kMessageItemsMax = 256;
constexpr std::chrono::milliseconds kRepeatAfter{500};
}  // namespace

LaneSender::LaneSender(PartitionId from, std::size_t partitions, LaneTransport& transport)
    : from_(from), transport_(transport), lanes_(partitions), waiting_(partitions) {}

void LaneSender::add(LaneItem item) {
  Lane& lane = lanes_[item.to];
  if (lane.taken == 0) lane.taken = item.number - 1;
  lane.items.push_back(std::move(item));
}

void LaneSender::pump(MonotonicTime now) {
  for (Lane& lane : lanes_) {
    if (lane.items.empty()) continue;
    if (lane.under_way && now < lane.repeat_at) continue;
    send(lane, now);
  }
}

void LaneSender::send(Lane& lane, MonotonicTime now) {
  LaneMessage message{from_, lane.items.front().to, lane.items.front().number, {}};
  std::size_t bytes = 0;
  for (const LaneItem& item : lane.items) {
    bytes += item.payload.size();
    if (!message.items.empty() && bytes > kMessageBytesMax) break;
    if (message.items.size() == kMessageItemsMax) break;
    message.items.push_back(item.payload);
  }
  lane.under_way = true;
  lane.repeat_at = now + kRepeatAfter;
  transport_.send(std::move(message));
}

std::vector<LaneItem> LaneSender::confirmed(const LaneConfirm& confirm) {
  std::vector<LaneItem> gone;
  if (confirm.to >= lanes_.size()) return gone;
  Lane& lane = lanes_[confirm.to];
  lane.under_way = false;
  while (!lane.items.empty() && lane.items.front().number <= confirm.taken) {
    gone.push_back(std::move(lane.items.front()));
    lane.items.pop_front();
    --waiting_[confirm.to];
  }
  lane.taken = std::max(lane.taken, confirm.taken);
  auto due = std::stable_partition(lane.waiters.begin(), lane.waiters.end(),
                                   [&](const Waiter& w) { return w.number > lane.taken; });
  std::vector<Waiter> waiters(std::make_move_iterator(due),
                              std::make_move_iterator(lane.waiters.end()));
  lane.waiters.erase(due, lane.waiters.end());
  for (Waiter& waiter : waiters) waiter.done({});
  return gone;
}

void LaneSender::when_taken(PartitionId to, LaneNumber number, Callback<void> done) {
  if (lanes_[to].taken >= number) return done({});
  lanes_[to].waiters.push_back({number, std::move(done)});
}

void LaneSender::clear() {
  std::vector<Lane> old(lanes_.size());
  old.swap(lanes_);
  std::fill(waiting_.begin(), waiting_.end(), 0);
  for (Lane& lane : old) {
    for (Waiter& waiter : lane.waiters) {
      waiter.done(
          Error{ErrorCode::kUnknownOutcome, "partition is moving", std::chrono::milliseconds(200)});
    }
  }
}

bool LaneSender::idle() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& l) { return l.items.empty(); });
}

}  // namespace longwire::middle
