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
constexpr std::chrono::milliseconds kAppsToldWithin{1'000};
// A new owner hears of sessions within one way there and back.
constexpr std::chrono::milliseconds kSessionsToldWithin{300};
constexpr std::chrono::milliseconds kLoadPauseMax{8000};

PartitionOptions partition_options(const MiddleConfig& config, const CoreParts& parts) {
  const std::uint16_t partitions = parts.store.info().partitions;
  PartitionOptions options;
  options.shared = parts.cluster != nullptr;
  options.confirmed_within = config.lease / 2;
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
      served_(environment.metrics.gauge("longwire_partitions_served",
                                        "Partitions that this process owns and serves.")),
      feeds_followed_(environment.metrics.gauge("longwire_feeds_followed",
                                                "Feeds owned here that a front end follows.")),
      entries_untaken_(environment.metrics.gauge(
          "longwire_entries_untaken", "Published to front ends, and not confirmed by them yet.")),
      lane_items_(environment.metrics.gauge(
          "longwire_lane_items", "Work for other partitions that they have not taken yet.")),
      count_(parts.store.info().partitions),
      limits_(config.sends_per_second, config.sends_per_day),
      owned_(count_),
      local_peer_([this](PartitionId id) -> Partition& { return *owned_[id].partition; }, count_,
                  {[this](PartitionId id, Callback<void> done) { give_up(id, std::move(done)); },
                   [this](Callback<void> done) { reload_apps(std::move(done)); },
                   [this](const FeedId& feed) { feed_states_.forget(feed); }},
                  log_),
      guard_(environment.executor) {
  const PartitionOptions options = partition_options(config_, parts_);
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
    if (!clustered()) return open_partitions(std::move(d));
    started_ = true;
    start_upkeep();
    d({});
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
    if (apps_.find(app.id) != nullptr) {
      apps_.put(std::move(app));
      continue;
    }
    parts_.directory.add_to_counter(
        app.id, day_name(day_of(now())), "sent", 0,
        guard_.wrap<std::uint64_t>([this, id = app.id](Result<std::uint64_t> sent) {
          if (sent) limits_.restore(id, now(), *sent);
        }));
    apps_.put(std::move(app));
  }
  apps_loaded_ = true;
}

// What changed while the list was read is not in it.
void Core::reload_apps(Callback<void> done) {
  parts_.directory.list_apps(guard_.wrap<std::vector<App>>(
      [this, changes = app_changes_, d = std::move(done)](auto apps) mutable {
        if (!apps) return d(apps.error());
        if (changes != app_changes_) return reload_apps(std::move(d));
        take_apps(std::move(*apps));
        d({});
      }));
}

// An app that its maker was told of is known to every node; but a silent one is not waited for.
void Core::tell_apps_changed(Callback<void> done) {
  if (!clustered()) return done({});
  auto answer = std::make_shared<Callback<void>>(std::move(done));
  const auto once = [answer] {
    if (*answer) std::exchange(*answer, nullptr)({});
  };
  parts_.cluster->peers.apps_changed([once](const Status&) { once(); });
  guard_.schedule(kAppsToldWithin, once);
}

Error Core::no_app(Error error) const {
  if (apps_loaded_) return error;
  if (clustered()) return {ErrorCode::kDeposed, "the node is starting"};
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

// One that is back tells anew of what it has: its former link may not have told of all that ended.
void Core::add_node(const NodeId& node, NodeTable::Node link) {
  if (!nodes_.add(node, std::move(link))) return;
  forget_sessions_of(node);
  OwnerView view;
  view.members = members_;
  for (PartitionId id = 0; id < count_; ++id) {
    if (owned_[id].served) view.claims.push_back(claim_of(id));
  }
  nodes_.owners(node, std::move(view));
}

bool Core::hears(const NodeId& node, const std::weak_ptr<bool>& link,
                 const std::optional<PartitionClaim>& addressed) const {
  if (!nodes_.has(node, link)) return false;
  if (!addressed) return true;
  if (addressed->partition >= count_) return false;
  const Owned& owner = owned_[addressed->partition];
  return owner.served && owner.since == addressed->since;
}

void Core::remove_node(const NodeId& node, const std::weak_ptr<bool>& ended) {
  if (!nodes_.has(node, ended)) return;  // it is back
  nodes_.remove(node);
  forget_sessions_of(node);
}

// What they had not acknowledged is for the accounts' other sessions.
void Core::forget_sessions_of(const NodeId& node) {
  sessions_.node_gone(node);
  for (Owned& each : owned_) {
    for (const SessionPresence& gone : each.presence.node_gone(node))
      if (takes_chat(gone)) tell_others(gone.account, gone.resource);
  }
}

// ---- partitions among several nodes ------------------------------------------------------------

void Core::hold(PartitionId partition, Callback<void> done) {
  CHECK(clustered());
  if (stopping_) return done(Error{ErrorCode::kUnavailable, "the server is stopping"});
  Partition& held = *owned_[partition].partition;
  // What it had before is being committed still.
  if (!held.closed()) return done(Error{ErrorCode::kUnavailable, "the partition is closing"});
  held.open(std::move(done));
}

void Core::give_up(PartitionId partition, Callback<void> done) {
  CHECK(clustered());
  no_longer_served(partition);
  if (owned_[partition].partition->closed()) return done({});
  owned_[partition].partition->close(std::move(done));
}

void Core::set_members(std::vector<std::string> members) {
  members_ = members;
  nodes_.owners_to_all({.claims = {}, .members = std::move(members), .leaving = false});
}

PartitionClaim Core::claim_of(PartitionId partition) const {
  return {partition, owned_[partition].since, owned_[partition].served};
}

void Core::tell_claim(PartitionId partition) {
  nodes_.owners_to_all({.claims = {claim_of(partition)}, .members = {}, .leaving = false});
  if (clustered()) parts_.cluster->listener.on_claim(claim_of(partition));
}

// Sessions are told anew by their front ends, to the next owner.
void Core::no_longer_served(PartitionId partition) {
  Owned& owner = owned_[partition];
  if (!std::exchange(owner.served, false)) return;
  served_.add(-1);
  // Tails of another owner's feeds may be anywhere.
  feed_states_.clear();
  owner.interest->close_all();
  if (clustered()) {
    owner.presence = {};
    sessions_.forget(partition, count_);
    users_.clear();
  }
  tell_claim(partition);
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
  if (clustered()) peers().feed_began_anew(feed);
  owned_[partition].interest->feed_reset(feed, incarnation);
}

void Core::on_open(PartitionId partition) {
  parts_.link.set_owner(partition, owned_[partition].interest.get());
  served_.add(1);
  owned_[partition].served = true;
  owned_[partition].settled_at = environment_.clock.monotonic() + kSessionsToldWithin;
  owned_[partition].since = owned_[partition].partition->position();
  owned_[partition].index_known = false;
  tell_claim(partition);
  if (!started_) return;
  fire_schedules(partition);
  index_topics(partition);
}

void Core::on_closed(PartitionId partition) { no_longer_served(partition); }

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
