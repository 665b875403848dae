#include "xmpp/im/roster_queue.h"

#include <utility>

#include "base/check.h"

namespace longwire::xmpp {
namespace {

// What a piece of work costs that keeps next to nothing.
constexpr std::size_t kWorkBytes = 512;

}  // namespace

bool RosterQueue::has_room(const Line& line, const RosterWork& work) const {
  const auto most =
      static_cast<std::size_t>(config_.roster_waiting_bytes_max) / (work.by_others ? 2 : 1);
  return line.works.empty() || line.bytes + work.bytes <= most;
}

void RosterQueue::enter(const middle::XmppAccount& owner, RosterWork work) {
  work.bytes += kWorkBytes;
  Line& line = lines_[owner.value()];
  if (!has_room(line, work))
    return work.run(Error{ErrorCode::kResourceExhausted, "too much waits for this roster"});
  line.bytes += work.bytes;
  line.works.push_back(std::move(work));
  if (line.works.size() > 1) return;
  Callback<void> run = std::move(line.works.front().run);
  run({});
}

void RosterQueue::leave(const middle::XmppAccount& owner) {
  const auto found = lines_.find(owner.value());
  CHECK(found != lines_.end());
  Line& line = found->second;
  line.bytes -= line.works.front().bytes;
  line.works.pop_front();
  if (line.works.empty()) {
    lines_.erase(found);
    return;
  }
  Callback<void> run = std::move(line.works.front().run);
  run({});
}

}  // namespace longwire::xmpp
