#include "tests/sim/sim_session.h"

#include <algorithm>
#include <utility>

#include "tests/sim/sim_device.h"

namespace longwire::sim {

using middle::CursorMove;
using middle::Entry;
using middle::EntryPtr;
using middle::FeedId;
using middle::FeedNumber;
using middle::RegId;
using middle::RegistrationView;
using middle::SubscriptionId;
using middle::TagOperator;
using std::chrono::milliseconds;

namespace {
constexpr std::size_t kOutstandingMax = 6;
}

SimSession::SimSession(SimGround& ground, SimFrontEnd& front_end, SimDevice& device,
                       Journal& journal, std::string resource)
    : ground_(ground),
      front_end_(front_end),
      device_(device),
      journal_(journal),
      resource_(std::move(resource)) {}

SimSession::~SimSession() = default;

void SimSession::open() {
  service().open_session(
      {device_.account(), resource_, front_end_.node()},
      [weak = weak_from_this()](Result<middle::OpenedSession> opened) {
        auto self = weak.lock();
        if (self == nullptr || !self->alive_) return;
        if (!opened.ok()) return self->close();
        self->opened_ = true;
        self->number_ = opened->number;
        self->device_.on_session_number(opened->number);
        for (const RegistrationView& view : opened->registrations) {
          for (const middle::FeedPosition& feed : view.feeds) {
            self->journal_.cursor_shown({view.registration.id, feed.feed}, feed.cursor);
          }
          self->update(view);
        }
        self->device_.on_open(opened->registrations);
        self->flush_moves();
      });
}

std::optional<middle::SessionPresence> SimSession::presence() const {
  if (!opened_) return std::nullopt;
  middle::SessionPresence session;
  session.account = device_.account();
  session.resource = resource_;
  session.node = front_end_.node();
  session.session = number_;
  return session;
}

void SimSession::close() {
  if (!alive_) return;
  auto self = shared_from_this();
  std::vector<CursorMove> last = moves();
  const bool was_open = opened_;
  stop_following();
  front_end_.remove(self);
  alive_ = false;
  if (was_open) {
    service().close_session({device_.account(), resource_, front_end_.node()}, number_, last,
                            [self, last, begun = device_.sessions_begun()](Status closed) {
                              // Of no effect where the device had bound again by then.
                              if (closed.ok() && begun == self->device_.sessions_begun())
                                self->stored(last);
                            });
  }
  device_.on_session_gone();
}

void SimSession::die() {
  if (!alive_) return;
  alive_ = false;
  followed_.clear();
  device_.on_session_gone();
}

void SimSession::stop_following() {
  for (auto& [key, followed] : followed_) front_end_.feeds().unsubscribe(followed.subscription);
  followed_.clear();
  by_subscription_.clear();
}

void SimSession::update(const RegistrationView& view) {
  if (!alive_) return;
  const RegId& id = view.registration.id;
  views_[id] = view;
  std::map<FeedId, std::vector<middle::FeedPosition>> feeds;
  for (const middle::FeedPosition& feed : view.feeds) feeds[feed.feed].push_back(feed);
  for (const auto& [name, positions] : feeds) {
    const Key key{id, name};
    std::vector<Interval> intervals;
    FeedNumber since = positions.front().since;
    for (const auto& position : positions) {
      intervals.push_back({position.since, position.until});
      since = std::min(since, position.since);
    }
    auto [followed, fresh] = followed_.try_emplace(key);
    followed->second.intervals = std::move(intervals);
    if (!fresh) continue;
    const FeedNumber after = std::max(
        {positions.front().cursor, device_.number(key), since > 0 ? since - 1 : FeedNumber{0}});
    followed->second.seen = after;
    moved_[key] = positions.front().cursor;
    followed->second.subscription = front_end_.feeds().subscribe(name, after, *this);
    by_subscription_[followed->second.subscription] = key;
  }
  for (auto it = followed_.begin(); it != followed_.end();) {
    if (it->first.first != id || feeds.contains(it->first.second)) {
      ++it;
      continue;
    }
    front_end_.feeds().unsubscribe(it->second.subscription);
    by_subscription_.erase(it->second.subscription);
    it = followed_.erase(it);
  }
}

void SimSession::on_entries(SubscriptionId subscription, const FeedId& feed,
                            std::span<const EntryPtr> entries) {
  auto found = by_subscription_.find(subscription);
  if (!alive_ || found == by_subscription_.end()) {
    return journal_.fail("entries after the end of a subscription");
  }
  const Key key = found->second;
  Followed& followed = followed_.at(key);
  if (followed.paused) return journal_.fail("entries while paused: " + feed.value());
  for (const EntryPtr& entry : entries) {
    journal_.saw_entry(feed, *entry);
    if (entry->number <= followed.seen) {
      return journal_.fail("again in one session: " + feed.value() + " " +
                           std::to_string(entry->number));
    }
    take(key, followed, entry);
    followed.seen = entry->number;
  }
  if (followed.outstanding.size() < kOutstandingMax) return;
  followed.paused = true;
  front_end_.feeds().pause(subscription);
}

void SimSession::take(const Key& key, Followed& followed, const EntryPtr& entry) {
  if (!meant(key, followed, *entry)) return;
  followed.outstanding.push_back(entry->number);
  wire_.push_back({key, entry});  // a connection keeps its order
  const milliseconds delay(ground_.world.random().between(1, 30));
  ground_.world.at(delay, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (self == nullptr || !self->alive_) return;
    const auto [to, what] = std::move(self->wire_.front());
    self->wire_.pop_front();
    self->device_.on_push(to, *what);
  });
}

bool SimSession::meant(const Key& key, const Followed& followed, const Entry& entry) const {
  if (entry.kind != middle::EntryKind::kMessage || entry.body.empty() || entry.recalled) {
    return false;
  }
  if (entry.expires <= ground_.world.clock().now()) return false;
  const bool within =
      std::any_of(followed.intervals.begin(), followed.intervals.end(), [&](const Interval& i) {
        return entry.number >= i.since && (!i.until || entry.number < *i.until);
      });
  return within && (!entry.filter || tags_match(key, entry));
}

bool SimSession::tags_match(const Key& key, const Entry& entry) const {
  const middle::Registration& registration = views_.at(key.first).registration;
  auto carries = [&](const middle::Tag& tag) {
    return std::any_of(registration.tags.begin(), registration.tags.end(), [&](const auto& i) {
      return i.tag == tag && entry.number >= i.app_since &&
             (!i.app_until || entry.number < *i.app_until);
    });
  };
  const auto& tags = entry.filter->tags;
  switch (entry.filter->op) {
    case TagOperator::kUnion:
      return std::any_of(tags.begin(), tags.end(), carries);
    case TagOperator::kIntersection:
      return std::all_of(tags.begin(), tags.end(), carries);
    case TagOperator::kExcept:
      return carries(tags.front()) && std::none_of(tags.begin() + 1, tags.end(), carries);
  }
  return false;
}

void SimSession::on_feed_reset(SubscriptionId, const FeedId& feed, const middle::Incarnation&) {
  journal_.fail("a feed was reset, though storage never went back: " + feed.value());
}

void SimSession::acknowledged(const RegId& registration, const FeedId& feed, FeedNumber number) {
  auto found = followed_.find({registration, feed});
  if (!alive_ || found == followed_.end()) return;
  Followed& followed = found->second;
  while (!followed.outstanding.empty() && followed.outstanding.front() <= number) {
    followed.outstanding.pop_front();
  }
  if (!followed.paused || followed.outstanding.size() >= kOutstandingMax / 2) return;
  followed.paused = false;
  front_end_.feeds().resume(followed.subscription);
}

// Everything below what is not acknowledged yet; stepped over included.
FeedNumber SimSession::position(const Followed& followed) const {
  return followed.outstanding.empty() ? followed.seen : followed.outstanding.front() - 1;
}

std::vector<CursorMove> SimSession::moves() {
  std::vector<CursorMove> changed;
  for (const auto& [key, followed] : followed_) {
    const FeedNumber now = position(followed);
    if (now <= moved_[key]) continue;
    changed.push_back({device_.account(), number_, key.first, key.second, now});
  }
  return changed;
}

void SimSession::stored(const std::vector<CursorMove>& moves) {
  for (const CursorMove& move : moves) {
    device_.stored(move);
    FeedNumber& moved = moved_[{move.registration, move.feed}];
    moved = std::max(moved, move.number);
  }
}

void SimSession::flush_moves() {
  if (!alive_) return;
  std::vector<CursorMove> changed = moves();
  // Now and then an old batch comes once more, as after a timeout.
  if (!old_moves_.empty() && ground_.world.random().chance(0.1)) {
    service().acknowledge(old_moves_, [](Status) {});
  }
  if (!changed.empty()) {
    old_moves_ = changed;
    // A session that was replaced may be answered with success and ignored: then nothing is known.
    service().acknowledge(changed, [weak = weak_from_this(), changed](Status done) {
      auto self = weak.lock();
      if (self != nullptr && done.ok() && self->alive_) self->stored(changed);
    });
  }
  ground_.world.at(milliseconds(200), [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->flush_moves();
  });
}

void SimSession::on_closed(const middle::SessionClosed& closed) {
  if (closed.account != device_.account()) return;
  if (!closed.resource.empty() && closed.resource != resource_) return;
  if (closed.below != 0 && (number_ == 0 || number_ >= closed.below)) return;
  close();
}

void SimSession::on_changed(const middle::RegistrationChanged& changed) {
  if (alive_ && opened_ && changed.device == device_.account() && !changed.ended) {
    update(changed.view);
  }
}

}  // namespace longwire::sim
