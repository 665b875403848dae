#include "middle/core/local_peer.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "middle/core/gather.h"
#include "middle/feed/feed.h"
#include "middle/registry/devices.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kIncarnationBytes = 8;
constexpr std::chrono::milliseconds kAtOnce{1};

Result<FeedState> state_of(Transaction& transaction, const FeedId& feed) {
  auto tail = feed_tail(transaction, feed);
  if (!tail) return tail.error();
  auto incarnation = feed_incarnation(transaction, feed);
  if (!incarnation) return incarnation.error();
  return FeedState{*tail, std::move(*incarnation)};
}

// The home of the first: all are of one partition.
std::uint16_t home_of(const std::vector<RegId>& registrations) {
  return registrations.empty() ? std::uint16_t{0} : middle::home_of(registrations.front());
}

Error overtaken() {
  return {ErrorCode::kUnavailable, "the registration's partition was taken over", kAtOnce};
}

}  // namespace

// ---- feeds -------------------------------------------------------------------------------------

void LocalPeer::feed_state(FeedId feed, Callback<FeedState> done) {
  const std::uint16_t home = middle::home_of(feed);
  at(home).run_confirmed<FeedState>(
      [f = std::move(feed)](Transaction& t) { return state_of(t, f); }, std::move(done));
}

void LocalPeer::reset_feed(FeedId feed, FeedNumber cursor, Callback<FeedState> done) {
  log_.error("cursor_above_tail", {{"feed", short_id(feed.value())}, {"cursor", cursor}});
  const std::uint16_t home = middle::home_of(feed);
  at(home).run<FeedState>(
      WorkClass::kControl,
      [f = std::move(feed), cursor](Transaction& t) -> Result<FeedState> {
        auto state = state_of(t, f);
        if (!state || state->tail >= cursor || !state->incarnation.empty()) return state;
        state->incarnation = Incarnation(hex_encode(t.random().bytes(kIncarnationBytes)));
        TRY(middle::reset_feed(t, f, state->incarnation));
        return state;
      },
      std::move(done));
}

// ---- names -------------------------------------------------------------------------------------

void LocalPeer::resolve(ResolveRequest request, Callback<Resolved> done) {
  const std::uint16_t home = home_of(request.registrations);
  at(home).run<Resolved>(
      WorkClass::kRead,
      [r = std::move(request)](Transaction& t) -> Result<Resolved> {
        Resolved found;
        for (const RegId& id : r.registrations) {
          auto why_not = why_not_addressed(t, id, r.app, r.packages);
          if (!why_not) return why_not.error();
          if (why_not->empty())
            found.recipients.push_back({id, {}});
          else
            found.unknown.push_back(id.value());
        }
        return found;
      },
      std::move(done));
}

void LocalPeer::holders(NameId name, Callback<std::vector<RegId>> done) {
  const std::uint16_t home = middle::home_of(name);
  at(home).run<std::vector<RegId>>(
      WorkClass::kRead, [n = std::move(name)](Transaction& t) { return name_holders(t, n); },
      std::move(done));
}

// Of two takeovers the later one counts.
bool LocalPeer::is_overtaken(const HolderChange& change) {
  Position& newest = newest_askers_[partition_of(middle::home_of(change.holder), count_)];
  if (change.asked_since == 0) return false;
  if (change.asked_since < newest) return true;
  newest = change.asked_since;
  return false;
}

// After a "no, it is as you want it" nothing of an earlier asker changes it either.
void LocalPeer::holds(HolderChange change, Callback<bool> done) {
  if (is_overtaken(change)) return done(overtaken());
  Partition& partition = at(middle::home_of(change.name));
  const bool confirmed = change.asked_since != 0;
  Work<bool> look = [c = std::move(change)](Transaction& t) -> Result<bool> {
    auto holders = name_holders(t, c.name);
    if (!holders) return holders.error();
    return std::find(holders->begin(), holders->end(), c.holder) != holders->end();
  };
  if (!confirmed) return partition.run<bool>(WorkClass::kRead, std::move(look), std::move(done));
  partition.run_confirmed<bool>(std::move(look), std::move(done));
}

void LocalPeer::set_holder(HolderChange change, Callback<void> done) {
  if (is_overtaken(change)) return done(overtaken());
  const NameId name = change.name;
  at(middle::home_of(name))
      .run<NameChanged>(
          WorkClass::kControl,
          [c = std::move(change)](Transaction& t) {
            return set_name(t, c.name, c.holder, c.holders_max);
          },
          [this, name, d = std::move(done)](Result<NameChanged> changed) mutable {
            await_notice(name, std::move(changed), std::move(d));
          });
}

void LocalPeer::unset_holder(HolderChange change, Callback<void> done) {
  if (is_overtaken(change)) return done(overtaken());
  const NameId name = change.name;
  at(middle::home_of(name))
      .run<NameChanged>(
          WorkClass::kControl,
          [c = std::move(change)](Transaction& t) {
            return unset_name(t, c.name, c.holder, c.evicted);
          },
          [this, name, d = std::move(done)](Result<NameChanged> changed) mutable {
            await_notice(name, std::move(changed), std::move(d));
          });
}

// What is sent from the answer on finds the change at the registration, too.
void LocalPeer::await_notice(const NameId& name, Result<NameChanged> changed, Callback<void> done) {
  if (!changed) return done(changed.error());
  at(middle::home_of(name)).when_taken(changed->to, changed->number, std::move(done));
}

void LocalPeer::drop_holder(NameId name, RegId holder, Callback<void> done) {
  const std::uint16_t home = middle::home_of(name);
  at(home).run<void>(
      WorkClass::kControl,
      [n = std::move(name), h = std::move(holder)](Transaction& t) {
        return middle::drop_holder(t, n, h);
      },
      std::move(done));
}

// ---- trace, lists ------------------------------------------------------------------------------

void LocalPeer::trace_copies(MessageId id, std::vector<RegId> registrations,
                             Callback<std::vector<TraceCopy>> done) {
  const std::uint16_t home = home_of(registrations);
  at(home).run<std::vector<TraceCopy>>(
      WorkClass::kRead,
      [id, r = std::move(registrations)](Transaction& t) { return middle::trace_copies(t, id, r); },
      std::move(done));
}

void LocalPeer::trace_readers(SharedEntry entry, std::vector<RegId> registrations,
                              Callback<std::vector<TraceCopy>> done) {
  const std::uint16_t home = home_of(registrations);
  at(home).run<std::vector<TraceCopy>>(
      WorkClass::kRead,
      [e = std::move(entry), r = std::move(registrations)](Transaction& t) {
        return trace_shared(t, e, r);
      },
      std::move(done));
}

void LocalPeer::devices(DevicePageRequest request, Callback<std::vector<DeviceId>> done) {
  if (request.partition >= count_)
    return done(Error{ErrorCode::kInvalidArgument, "no such partition"});
  const DeviceId& after = request.after;
  Bytes from = device_key(after) + (after.empty() ? Bytes() : Bytes(1, '\0'));
  partition_at_(request.partition)
      .scan({.from = std::move(from), .to = "e", .rows_max = request.limit},
            [d = std::move(done)](Result<std::vector<Row>> rows) mutable {
              if (!rows) return d(rows.error());
              std::vector<DeviceId> devices;
              for (const Row& row : *rows) devices.emplace_back(row.key.substr(1));
              d(std::move(devices));
            });
}

void LocalPeer::give_up(std::vector<PartitionId> partitions, Callback<void> done) {
  auto all = Gather<bool>::make([d = std::move(done)](Result<std::vector<bool>> given) mutable {
    d(given ? Status() : Status(given.error()));
  });
  for (const PartitionId partition : partitions) {
    if (partition >= count_) continue;
    news_.give_up(partition, [answer = all->ask()](const Status&) mutable { answer(true); });
  }
  all->close();
}

// ---- lanes -------------------------------------------------------------------------------------

// One that comes from elsewhere may name what there is not.
void LocalPeer::lane(LaneMessage message) {
  if (message.to >= count_) return;
  Partition& partition = partition_at_(message.to);
  partition.receive(std::move(message));
}

void LocalPeer::lane_taken(LaneConfirm confirm) {
  if (confirm.from < count_) partition_at_(confirm.from).receive(confirm);
}

}  // namespace longwire::middle
