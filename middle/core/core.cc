#include "middle/core/core.h"

#include <algorithm>
#include <utility>

#include "middle/core/gather.h"
#include "middle/feed/feed.h"
#include "middle/registry/registry_lanes.h"

namespace longwire::middle {
namespace {

// Together about 45 seconds.
constexpr int kLoadRepeats = 10;
constexpr std::chrono::milliseconds kLoadPauseMin{200};
constexpr std::chrono::milliseconds kLoadPauseMax{8000};

PartitionOptions partition_options(const MiddleConfig& config, std::uint16_t partitions) {
  PartitionOptions options;
  options.pending_max = static_cast<std::size_t>(config.partition_pending_max);
  options.cache_bytes_max = static_cast<std::size_t>(
      std::max(config.row_cache_bytes / partitions, config.partition_cache_bytes_min));
  return options;
}

template <typename Item>
Result<Item> decoded(BytesView payload) {
  Item item;
  TRY(decode_lane(payload, item));
  return item;
}

}  // namespace

Core::Core(const MiddleConfig& config, Environment environment, CoreParts parts)
    : config_(config),
      environment_(environment),
      parts_(parts),
      log_(environment.log, "middle"),
      sends_(environment.metrics.counter("longwire_sends_total", "Sends accepted.")),
      deliveries_(environment.metrics.counter("longwire_cursor_steps_total",
                                              "Entries that stored cursors have passed.")),
      count_(parts.store.info().partitions),
      limits_(config.sends_per_second, config.sends_per_day),
      owned_(count_),
      local_peer_([this](PartitionId id) -> Partition& { return *owned_[id].partition; }, count_,
                  log_),
      guard_(environment.executor) {
  const PartitionOptions options = partition_options(config_, count_);
  for (PartitionId id = 0; id < count_; ++id) {
    const LaneEffect effect = [this](Transaction& transaction, BytesView payload) {
      apply_lane(transaction, payload);
    };
    owned_[id].partition = std::make_unique<Partition>(
        id, environment_, PartitionParts{parts_.store, *this, *this, effect}, options);
    owned_[id].interest = std::make_unique<InterestTable>(
        id, environment_, parts_.link, [this](ReadRequest request, Callback<FeedPage> done) {
          read_feed(std::move(request), std::move(done));
        });
  }
}

Core::~Core() {
  for (PartitionId id = 0; id < count_; ++id) parts_.link.set_owner(id, nullptr);
}

// ---- life --------------------------------------------------------------------------------------

void Core::start(Callback<void> done) {
  load_apps(kLoadRepeats, [this, d = std::move(done)](Status loaded) mutable {
    if (!loaded) return d(loaded.error());
    open_partitions(std::move(d));
  });
}

void Core::open_partitions(Callback<void> done) {
  auto all =
      Gather<bool>::make([this, d = std::move(done)](Result<std::vector<bool>> opened) mutable {
        if (!opened) return d(opened.error());
        started_ = true;
        start_upkeep();
        log_.info("started", {{"partitions", count_}});
        d({});
      });
  for (Owned& each : owned_) {
    each.partition->open([answer = all->ask()](Status status) mutable {
      if (!status) return answer(status.error());
      answer(true);
    });
  }
  all->close();
}

// A directory that is late, or busy for a moment, is no reason not to start.
void Core::load_apps(int repeats, Callback<void> done) {
  parts_.directory.list_apps(
      guard_.wrap<std::vector<App>>([this, repeats, d = std::move(done)](auto apps) mutable {
        if (apps) {
          take_apps(std::move(*apps));
          return d({});
        }
        log_.warn("apps_not_loaded", {{"error", apps.error().message}, {"repeats", repeats}});
        if (stopping_ || repeats == 0 || !may_retry(apps.error())) return d(apps.error());
        const auto pause = std::min(kLoadPauseMin * (1 << (kLoadRepeats - repeats)), kLoadPauseMax);
        guard_.schedule(pause, [this, repeats, d = std::move(d)]() mutable {
          load_apps(repeats - 1, std::move(d));
        });
      }));
}

void Core::take_apps(std::vector<App> apps) {
  for (App& app : apps) {
    parts_.directory.add_to_counter(
        app.id, day_name(day_of(now())), "sent", 0,
        guard_.wrap<std::uint64_t>([this, id = app.id](Result<std::uint64_t> sent) {
          if (sent) limits_.restore(id, now(), *sent);
        }));
    apps_.put(std::move(app));
  }
  apps_loaded_ = true;
}

Error Core::no_app(Error error) const {
  if (apps_loaded_) return error;
  return {ErrorCode::kUnavailable, "the server is starting", kLoadPauseMin};
}

void Core::stop(Callback<void> done) {
  stopping_ = true;
  flush_counters();
  auto all = Gather<bool>::make([d = std::move(done)](Result<std::vector<bool>> closed) mutable {
    if (!closed) return d(closed.error());
    d({});
  });
  for (Owned& each : owned_) {
    environment_.executor.cancel(each.schedule_timer);
    each.interest->close_all();
    each.partition->close([answer = all->ask()](Status) mutable { answer(true); });
  }
  all->close();
}

void Core::add_node(NodeId node, Executor& loop, FrontEnd* front_end, std::weak_ptr<bool> alive) {
  nodes_.add(std::move(node), loop, front_end, std::move(alive));
}

void Core::remove_node(const NodeId& node) {
  nodes_.remove(node);
  sessions_.node_gone(node);
  for (Owned& each : owned_) each.presence.node_gone(node);
}

AcceptLimits Core::accept_limits() const {
  return {config_.repeat_window, static_cast<std::size_t>(config_.app_feed_live_max)};
}

// ---- what partitions tell ----------------------------------------------------------------------

void Core::on_published(PartitionId partition, const FeedId& feed,
                        std::span<const EntryPtr> entries) {
  feed_states_.raise(feed, entries.back()->number);
  owned_[partition].interest->published(feed, entries);
}

void Core::on_feed_reset(PartitionId partition, const FeedId& feed,
                         const Incarnation& incarnation) {
  log_.error("storage_went_back", {{"feed", short_id(feed.value())}});
  feed_states_.forget(feed);
  owned_[partition].interest->feed_reset(feed, incarnation);
}

void Core::on_open(PartitionId partition) {
  parts_.link.set_owner(partition, owned_[partition].interest.get());
  if (started_) fire_schedules(partition);
  owned_[partition].index_known = false;
  if (started_) index_topics(partition);
}

void Core::on_closed(PartitionId partition) {
  // Tails of another owner's feeds may be anywhere.
  feed_states_.clear();
  owned_[partition].interest->close_all();
}

// ---- lanes -------------------------------------------------------------------------------------

void Core::carry(std::function<void(Core&)> deliver) {
  if (parts_.carrier == nullptr) {
    guard_.post([this, d = std::move(deliver)] { d(*this); });
    return;
  }
  parts_.carrier->carry(environment_.executor,
                        [this, alive = guard_.watch(), d = std::move(deliver)] {
                          if (!alive.expired()) d(*this);
                        });
}

void Core::send(LaneMessage message) {
  carry([m = std::move(message)](Core& core) { core.peers().lane(m); });
}

void Core::confirm(LaneConfirm confirm) {
  carry([confirm](Core& core) { core.peers().lane_taken(confirm); });
}

// A rejection is an effect as well: an item that cannot be understood is taken, and logged.
void Core::apply_lane(Transaction& transaction, BytesView payload) {
  Status status = Error{ErrorCode::kUnsupported, "lane item of an unknown kind"};
  const auto apply = [&](auto item, auto effect) {
    status = item ? effect(*item) : Status(item.error());
  };
  switch (static_cast<LanePayloadKind>(payload.empty() ? 0 : payload.front())) {
    case LanePayloadKind::kDeliver:
      apply(decoded<Delivery>(payload), [&](auto& item) { return deliver(transaction, item); });
      break;
    case LanePayloadKind::kRecall:
      apply(decoded<RecallNotice>(payload),
            [&](auto& item) { return apply_recall(transaction, item); });
      break;
    case LanePayloadKind::kNameNotice:
      apply(decoded<NameNotice>(payload),
            [&](auto& item) { return apply_notice(transaction, item, config_.time_to_live_max); });
      break;
    case LanePayloadKind::kDropHolder:
      apply(decoded<DropHolder>(payload),
            [&](auto& item) { return drop_holder(transaction, item.name, item.holder); });
      break;
  }
  if (!status && transaction.complete())
    log_.error("lane_item_rejected", {{"error", status.error().message}});
}

// ---- feeds -------------------------------------------------------------------------------------

void Core::read_feed(ReadRequest request, Callback<FeedPage> done) {
  const std::uint16_t home = home_of(request.feed);
  run<FeedPage>(
      home, WorkClass::kRead,
      [this, r = std::move(request)](Transaction& t) {
        return read_entries(t, r, parts_.store.info().incarnation);
      },
      std::move(done));
}

}  // namespace longwire::middle
