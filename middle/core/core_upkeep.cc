// What happens by itself: scheduled sends, expiry of registrations, the index of topics, counters.

#include <algorithm>
#include <utility>

#include "middle/core/core.h"
#include "middle/partition/rows.h"
#include "middle/registry/devices.h"

namespace longwire::middle {
namespace {

constexpr std::chrono::milliseconds kSweepEvery = std::chrono::seconds(30);
constexpr std::chrono::milliseconds kCountersEvery = std::chrono::seconds(10);
constexpr std::chrono::milliseconds kAtOnce{0};
constexpr std::chrono::milliseconds kMeasureEvery = std::chrono::seconds(1);
constexpr std::chrono::milliseconds kRetryAfter = std::chrono::seconds(1);
constexpr std::size_t kSweepRows = 100;
constexpr std::size_t kScheduleRows = 64;
constexpr std::size_t kIndexRows = 256;
constexpr std::size_t kIndexRowsMax = 16'384;

// The number after a one-letter table name.
std::uint64_t leading_number(BytesView key) {
  ByteReader reader(key.substr(1));
  return reader.u64();
}

Bytes table_from(char table, std::uint64_t number) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(table)).u64(number);
  return std::move(writer).take();
}

}  // namespace

void Core::start_upkeep() {
  for (PartitionId id = 0; id < count_; ++id) {
    fire_schedules(id);
    index_topics(id);
    sweep_contacts(id);
  }
  flush_counters();
  measure();
  if (clustered()) confirm_heads();
}

// An owner that was taken over from finds out at its next commit. One to which nobody leads any
// more has none, and thinks it has what it is to take: it has to look by itself.
void Core::confirm_heads() {
  for (Owned& each : owned_) {
    if (!each.served) continue;
    each.partition->run_confirmed<bool>([](Transaction&) { return Result<bool>(true); },
                                        [](const Result<bool>&) {});
  }
  guard_.schedule(config_.lease / 2, [this] {
    if (!stopping_) confirm_heads();
  });
}

// ---- contact -----------------------------------------------------------------------------------

void Core::sweep_contacts(PartitionId partition) {
  if (stopping_) return;
  // Who is connected is told by front ends, of which some may have to find us first.
  const Owned& owner = owned_[partition];
  const bool settled =
      !clustered() || environment_.clock.monotonic() > owner.settled_at + kSweepEvery;
  if (!owner.served || !settled) {
    guard_.schedule(kSweepEvery, [this, partition] { sweep_contacts(partition); });
    return;
  }
  ScanRequest due{.from = "x",
                  .to = table_from('x', static_cast<std::uint64_t>(now().ms)),
                  .rows_max = kSweepRows};
  owned_[partition].partition->scan(std::move(due), [this, partition](auto rows) {
    if (rows) check_contacts(partition, std::move(*rows));
    guard_.schedule(kSweepEvery, [this, partition] { sweep_contacts(partition); });
  });
}

void Core::check_contacts(PartitionId partition, std::vector<Row> rows) {
  const DeviceLife life{config_.unused_device_expiry, config_.registration_expiry};
  for (Row& row : rows) {
    if (row.key.size() <= 9) continue;
    const DeviceId device(row.key.substr(9));
    const bool online = sessions_.online(XmppAccount(device.value()));
    owned_[partition].partition->run<std::vector<RegId>>(
        WorkClass::kControl,
        [this, key = std::move(row.key), online, life](Transaction& t) {
          index_when_committed(t);
          return check_contact(t, key, online, life);
        },
        [this, device](Result<std::vector<RegId>> ended) {
          if (ended && !ended->empty()) tell_ended(device, *ended);
        });
  }
}

// ---- counters ----------------------------------------------------------------------------------

void Core::flush_counters() {
  for (AppLimits::Sent& sent : limits_.take_sent()) {
    auto total = [this, app = sent.app, day = sent.day](Result<std::uint64_t> all) {
      if (all) limits_.learn(app, day, *all);
    };
    parts_.directory.add_to_counter(std::move(sent.app), std::move(sent.day), "sent", sent.count,
                                    guard_.wrap<std::uint64_t>(std::move(total)));
  }
  // Another node may have made apps, and its word got lost.
  if (clustered()) reload_apps([](const Status&) {});
  if (!stopping_) guard_.schedule(kCountersEvery, [this] { flush_counters(); });
}

// What waits, for who looks at the metrics.
void Core::measure() {
  std::size_t feeds = 0;
  std::size_t untaken = 0;
  std::size_t items = 0;
  for (const Owned& owner : owned_) {
    feeds += owner.interest->feeds();
    untaken += owner.interest->untaken();
    items += owner.partition->lane_items();
  }
  feeds_followed_.set(static_cast<std::int64_t>(feeds));
  entries_untaken_.set(static_cast<std::int64_t>(untaken));
  lane_items_.set(static_cast<std::int64_t>(items));
  if (!stopping_) guard_.schedule(kMeasureEvery, [this] { measure(); });
}

// ---- schedules ---------------------------------------------------------------------------------

void Core::watch_schedule(PartitionId partition, Timestamp at) {
  Owned& owner = owned_[partition];
  if (stopping_ || (owner.schedule_timer != TimerId::kNone && owner.schedule_at <= at)) return;
  environment_.executor.cancel(owner.schedule_timer);
  owner.schedule_at = at;
  const auto wait = std::max(at - now(), std::chrono::milliseconds(0));
  owner.schedule_timer = guard_.schedule(wait, [this, partition] {
    owned_[partition].schedule_timer = TimerId::kNone;
    fire_schedules(partition);
  });
}

void Core::fire_schedules(PartitionId partition) {
  Owned& owner = owned_[partition];
  if (stopping_ || !owner.served || std::exchange(owner.firing, true)) return;
  owner.partition->scan({.from = "s", .to = "t", .rows_max = kScheduleRows},
                        [this, partition](Result<std::vector<Row>> rows) {
                          if (!rows) {
                            owned_[partition].firing = false;
                            return watch_schedule(partition, now() + kRetryAfter);
                          }
                          fire_next(partition, std::make_shared<std::vector<Row>>(std::move(*rows)),
                                    0);
                        });
}

// One after the other, so that sends for one moment keep their order.
void Core::fire_next(PartitionId partition, const std::shared_ptr<std::vector<Row>>& rows,
                     std::size_t index) {
  Owned& owner = owned_[partition];
  if (index == rows->size()) {
    owner.firing = false;
    const bool fired =
        std::any_of(rows->begin(), rows->end(), [](const Row& each) { return !each.key.empty(); });
    if (!rows->empty()) watch_schedule(partition, now() + (fired ? kAtOnce : kSweepEvery));
    return;
  }
  const Row& row = (*rows)[index];
  const Timestamp at{static_cast<std::int64_t>(leading_number(row.key))};
  if (at > now()) {
    owner.firing = false;
    return watch_schedule(partition, at);
  }
  SendPlan plan;
  if (Status status = decode(row.value, plan); !status) {
    log_.error("schedule_unreadable", {{"error", status.error().message}});
    (*rows)[index].key.clear();
    return fire_next(partition, rows, index + 1);
  }
  plan.scheduled = true;
  auto shared = std::make_shared<const SendPlan>(std::move(plan));
  dispatch(shared, [this, partition, rows, index, shared](Result<SendReply> reply) {
    const auto next = [this, partition, rows, index] { fire_next(partition, rows, index + 1); };
    if (reply) return next();
    if (reply.error().code == ErrorCode::kNotFound)
      return drop_schedule(*shared, "no_target", [next](Status) { next(); });
    // Try the rest later, in order.
    owned_[partition].firing = false;
    watch_schedule(partition, now() + kRetryAfter);
  });
}

// Addressed to nobody any more: it ends, and trace says so.
void Core::drop_schedule(const SendPlan& plan, std::string reason, Callback<void> done) {
  run<void>(
      plan.id.home(), WorkClass::kLane,
      [id = plan.id, when = *plan.request.not_before, r = std::move(reason)](Transaction& t) {
        return reject_scheduled(t, id, when, r);
      },
      std::move(done));
}

// ---- the index of topics -----------------------------------------------------------------------

// Whoever asked for the change may have been told by then that its outcome is unknown.
void Core::index_when_committed(Transaction& transaction) {
  transaction.after_commit(
      [this, partition = transaction.partition()] { index_topics(partition); });
}

// Rows written with a commit are applied to the directory in the order of their positions, and then
// removed: the same way after a change and after a start.
void Core::index_topics(PartitionId partition) {
  Owned& owner = owned_[partition];
  if (stopping_ || !owner.served) return;
  if (std::exchange(owner.indexing, true)) {
    owner.index_again = true;
    return;
  }
  owner.index_again = false;
  if (owner.index_known) return index_page(partition, kIndexRows);
  parts_.directory.topics_applied(
      partition, guard_.wrap<Position>([this, partition](Result<Position> applied) {
        if (!applied) return finish_index(partition, false);
        owned_[partition].indexed = *applied;
        owned_[partition].index_known = true;
        index_page(partition, kIndexRows);
      }));
}

void Core::index_page(PartitionId partition, std::size_t rows_max) {
  owned_[partition].partition->scan(
      {.from = "t", .to = "u", .rows_max = rows_max, .bytes_max = 4 * 1024 * 1024},
      [this, partition, rows_max](Result<std::vector<Row>> rows) {
        if (!rows) return finish_index(partition, false);
        if (rows->empty()) return finish_index(partition, true);
        // A full page may end inside of a position: that one is left for the next page.
        const std::uint64_t first = leading_number(rows->front().key);
        const std::uint64_t last = leading_number(rows->back().key);
        if (rows->size() >= rows_max && first == last && rows_max < kIndexRowsMax)
          return index_page(partition, rows_max * 4);
        apply_index(partition, std::move(*rows));
      });
}

// The changes of the page's first position.
void Core::apply_index(PartitionId partition, std::vector<Row> rows) {
  const Position position = leading_number(rows.front().key);
  std::vector<TopicChange> changes;
  std::vector<Bytes> keys;
  for (Row& row : rows) {
    if (leading_number(row.key) != position) break;
    TopicChangeRow change;
    if (Status status = decode(row.value, change); status)
      changes.push_back(std::move(change.change));
    else
      log_.error("topic_change_unreadable", {{"error", status.error().message}});
    keys.push_back(std::move(row.key));
  }
  if (position <= owned_[partition].indexed) return indexed(partition, position, std::move(keys));
  parts_.directory.apply_topic_changes(
      partition, position, std::move(changes),
      guard_.wrap<void>([this, partition, position, k = std::move(keys)](Status status) mutable {
        if (!status) return finish_index(partition, false);
        owned_[partition].indexed = position;
        indexed(partition, position, std::move(k));
      }));
}

void Core::indexed(PartitionId partition, Position position, std::vector<Bytes> keys) {
  owned_[partition].partition->run<void>(
      WorkClass::kControl,
      [k = std::move(keys)](Transaction& t) -> Status {
        for (const Bytes& key : k) t.remove(key);
        return {};
      },
      [this, partition, position](Status status) {
        if (!status) return finish_index(partition, false);
        log_.debug("topics_indexed", {{"partition", partition}, {"position", position}});
        index_page(partition, kIndexRows);
      });
}

void Core::finish_index(PartitionId partition, bool done) {
  Owned& owner = owned_[partition];
  owner.indexing = false;
  if (stopping_) return;
  if (!done) {
    guard_.schedule(kRetryAfter, [this, partition] { index_topics(partition); });
  } else if (owner.index_again) {
    index_topics(partition);
  }
}

}  // namespace longwire::middle
