#include "tests/sim/sim_network.h"

#include <algorithm>

namespace longwire::sim {

void SimNetwork::carry(Executor& to, std::function<void()> deliver) {
  if (world_.random().chance(faults_.drop)) return;
  if (world_.random().chance(faults_.twice)) deliver_once(to, deliver);
  deliver_once(to, deliver);
}

// `to` outlives what is under way: the simulation keeps its executors, dead ones too.
void SimNetwork::deliver_once(Executor& to, const std::function<void()>& deliver) {
  if (!world_.random().chance(faults_.delay)) return to.post(deliver);
  const auto delay = std::chrono::milliseconds(world_.random().between(1, 200));
  world_.at(delay, [&to, deliver] { to.post(deliver); });
}

void SimNetwork::look(middle::StreamMessage& message) {
  if (!lose_catch_up_) return;
  for (middle::StreamItem& item : message.items) {
    if (item.kind != middle::StreamItemKind::kAnswer || item.entries.empty()) continue;
    if (!world_.random().chance(0.3)) continue;
    item.entries.clear();
    item.oldest = item.tail + 1;
  }
}

}  // namespace longwire::sim
