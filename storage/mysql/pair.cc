#include "storage/mysql/pair.h"

#include <utility>

namespace longwire::storage::mysql {
namespace {

constexpr std::chrono::milliseconds kPoll{10};

Error nobody(const Options& options, const std::string& why) {
  return {ErrorCode::kUnavailable,
          "the pair " + options.address + " and " + options.peer + ": " + why, options.retry_after};
}

}  // namespace

Pair::Pair(PairParts parts)
    : parts_(std::move(parts)),
      log_(parts_.log, "mysql"),
      servers_{PairServer(parts_.options), PairServer(parts_.options.at(parts_.options.peer))},
      rules_(parts_.me,
             {.failover_after = parts_.options.failover_after, .lease = parts_.options.pair_lease}),
      thread_([this] { watch(); }) {}

Pair::~Pair() {
  stop_.stop();
  thread_.join();
}

Status Pair::wait_until_open() {
  auto state = state_.lock();
  changed_.wait_for(state.mutex_lock(), parts_.options.pair_open_timeout,
                    [&] { return state->open; });
  return state->open ? Status() : nobody(parts_.options, state->trouble);
}

void Pair::watch() {
  const ThreadUse use;
  while (!stop_.stopped()) {
    tick();
    // Until it is open, somebody waits for it.
    const bool open = state_.lock()->open;
    stop_.wait_for(open ? parts_.options.pair_check_every : parts_.options.pair_check_every / 10);
  }
  for (PairServer& server : servers_) server.close();
}

void Pair::tick() {
  const PairSeen seen = look_at_both();
  const bool fresh = seen[0] && seen[1] && !seen[0]->record && !seen[1]->record;
  if (fresh && !rules_.record()) {
    const Status begun = begin(seen);
    return tell(begun.ok() ? "the pair begins" : begun.error().message);
  }
  const PairStep step = rules_.next(seen, parts_.clock.monotonic());
  act(step.act, seen);
  const auto holder = rules_.holder();
  const bool open = holder && seen[*holder] && !seen[*holder]->read_only;
  {
    auto state = state_.lock();
    state->holder = holder;
    state->open = state->open || open;
  }
  changed_.notify_all();
  tell(step.trouble == nullptr ? "" : step.trouble + (holder ? std::string() : refusals_text()));
}

// Where nobody knows who is written to, what the servers say may be all there is to mend.
std::string Pair::refusals_text() const {
  std::string text;
  for (std::size_t server = 0; server < servers_.size(); ++server) {
    if (!refusals_[server].empty()) {
      text += "; " + servers_[server].address() + ": " + refusals_[server];
    }
  }
  return text;
}

// Nobody was ever written to: the first server is, from now on.
Status Pair::begin(const PairSeen& seen) {
  if (has_more(seen[1]->position, seen[0]->position)) {
    return nobody(parts_.options, "the second server has transactions that the first has not");
  }
  TRY(servers_[1].set_read_only(true));
  return servers_[0].create(
      {.epoch = 1, .holder = seen[0]->server_id, .alone = true, .keeper = rules_.me(), .beat = 1});
}

// The holder first: whether it may answer without the other must not wait for a look at the other,
// which may hang.
PairSeen Pair::look_at_both() {
  PairSeen seen;
  const std::size_t holder = rules_.holder().value_or(0);
  seen[holder] = look_at(holder);
  const bool alone_now = seen[holder] && rules_.keeps() && !rules_.record()->alone &&
                         !rules_.unsure() && !seen[holder]->in_sync;
  if (!alone_now) seen[1 - holder] = look_at(1 - holder);
  return seen;
}

std::optional<ServerSeen> Pair::look_at(std::size_t server) {
  PairServer& at = servers_[server];
  const bool beats = rules_.keeps() && rules_.holder() == server && !rules_.unsure();
  // A commit tells more than a look: whether the disk takes it, and the other acknowledges.
  if (beats && !at.beat(*rules_.record()).ok()) return std::nullopt;
  auto seen = at.look(rules_.unsure() == server);
  // Of the one that is written to, those tell who do it; nobody else goes to the other.
  if (const auto holder = rules_.holder(); holder && *holder != server) {
    Health& health = *parts_.servers[server];
    seen ? health.reached() : health.failed(seen.error().message);
  }
  refusals_[server] = seen ? "" : seen.error().message;
  if (!seen) return std::nullopt;
  domains_[server] = seen->domain;
  return std::move(*seen);
}

void Pair::act(PairAct what, const PairSeen& seen) {
  const std::size_t holder = rules_.holder().value_or(0);
  const std::size_t other = 1 - holder;
  switch (what) {
    case PairAct::kWait:
      return;
    case PairAct::kTake:
      return take(holder);
    case PairAct::kReopen:
      return reopen(holder);
    case PairAct::kGoAlone:
      return go_alone(holder);
    case PairAct::kFence:
      return (void)servers_[other].set_read_only(true);
    case PairAct::kFollow:
      return follow(other);
    case PairAct::kPair:
      return pair_up(holder);
    case PairAct::kProve:
      return prove(holder);
    case PairAct::kPromote:
      return promote(other, seen[other]->connection);
  }
}

PairRecord Pair::next_record() const {
  PairRecord record = *rules_.record();
  ++record.epoch;
  record.keeper = rules_.me();
  return record;
}

// At the holder, where we keep the pair.
void Pair::change(std::size_t server, const PairRecord& to) {
  const auto changed = servers_[server].change(*rules_.record(), to);
  if (!changed && servers_[server].connection() == 0) rules_.unsure(server);
  if (changed && *changed) rules_.changed(to);
}

void Pair::take(std::size_t holder) {
  if (rules_.record()->alone) return change(holder, next_record());
  // The keeper before us must not promote the other any more: it will see our record there first.
  const bool again = rules_.record()->keeper == rules_.me();
  if (!again) {
    (void)servers_[holder].change(*rules_.record(), next_record());
    return;
  }
  const auto whole = wait_until_whole(holder);
  if (!whole) return;
  rules_.changed(*rules_.record());
  rules_.proven(*whole);
}

void Pair::reopen(std::size_t holder) {
  const std::uint64_t other_domain = domains_[1 - holder];
  if (other_domain != 0 && !servers_[holder].leave(other_domain).ok()) return;
  (void)servers_[holder].set_read_only(false);
}

void Pair::go_alone(std::size_t holder) {
  PairRecord alone = next_record();
  alone.alone = true;
  change(holder, alone);
}

// Under the lock, and after another look: whoever promotes it meanwhile has stopped it.
void Pair::follow(std::size_t other) {
  PairServer& server = servers_[other];
  const auto locked = server.lock();
  if (!locked || !*locked) return;
  const auto seen = server.look(true);
  const bool promoted = seen && seen->record && seen->record->epoch >= rules_.record()->epoch &&
                        seen->record->holder != rules_.record()->holder;
  if (seen && seen->read_only && !promoted) (void)server.follow();
  server.unlock();
}

// Received is enough: it applies that before it takes over, or does not take over.
std::optional<std::uint64_t> Pair::wait_until_whole(std::size_t holder) {
  PairServer& other = servers_[1 - holder];
  const std::uint64_t connection = other.connection();
  const auto target = servers_[holder].look(false);
  const MonotonicTime until = parts_.clock.monotonic() + parts_.options.pair_timeout;
  while (connection != 0 && target && parts_.clock.monotonic() < until) {
    const auto seen = other.look(false);
    if (!seen || seen->connection != connection || !seen->receives) return std::nullopt;
    if (!has_more(target->position, seen->received)) return connection;
    stop_.wait_for(kPoll);
  }
  return std::nullopt;
}

void Pair::prove(std::size_t holder) {
  if (const auto connection = wait_until_whole(holder)) rules_.proven(*connection);
}

// Once the record is with the other, each answer before it is, too.
void Pair::pair_up(std::size_t holder) {
  const auto connection = wait_until_whole(holder);
  if (!connection) return;
  PairRecord paired = next_record();
  paired.alone = false;
  change(holder, paired);
  if (!rules_.record()->same_as(paired)) return;
  const auto after = servers_[holder].look(false);
  if (!after || !after->in_sync) return;
  const auto there = servers_[1 - holder].look(false);
  if (there && there->connection == *connection) rules_.proven(*connection);
}

// The lock keeps it from being told to receive again before it is the holder.
void Pair::promote(std::size_t other, std::uint64_t connection) {
  const auto locked = servers_[other].lock();
  if (!locked || !*locked) return;
  const Status status = take_over(other, connection);
  servers_[other].unlock();
  if (!status.ok()) log_.warn("pair_failover_failed", {{"error", status.error().message}});
}

Status Pair::take_over(std::size_t other, std::uint64_t connection) {
  PairServer& server = servers_[other];
  const Error lost = nobody(parts_.options, "the connection to the other server was lost");
  const PairRecord before = *rules_.record();
  TRY(server.finish_received(parts_.options.pair_apply_timeout, stop_));
  auto seen = server.look(false);
  if (!seen) return seen.error();
  if (!seen->record || !seen->record->same_as(before)) {
    return nobody(parts_.options, "another process keeps the pair");
  }
  TRY(server.leave(domains_[1 - other]));
  // Had it been started anew, what it received would be gone.
  if (server.connection() != connection) return lost;
  PairRecord promoted = next_record();
  promoted.holder = seen->server_id;
  promoted.alone = true;
  change(other, promoted);
  if (!rules_.record()->same_as(promoted)) return lost;
  parts_.metrics.failovers(parts_.options.address).add();
  return server.set_read_only(false);
}

// One line a change.
void Pair::tell(const std::string& trouble) {
  const auto holder = rules_.holder();
  const std::string written_to = holder ? servers_[*holder].address() : "none";
  const bool alone = !rules_.record() || rules_.record()->alone;
  parts_.metrics.alone(parts_.options.address).set(alone ? 1 : 0);
  parts_.metrics.kept(parts_.options.address).set(rules_.keeps() ? 1 : 0);
  for (const PairServer& server : servers_) {
    parts_.metrics.written_to(server.address()).set(server.address() == written_to ? 1 : 0);
  }
  state_.lock()->trouble = trouble;
  const std::string now = written_to + (alone ? " alone " : " ") + trouble;
  if (now == std::exchange(told_, now)) return;
  if (trouble.empty()) {
    log_.info("pair_state", {{"written_to", written_to}, {"alone", alone}});
  } else {
    log_.warn("pair_state", {{"written_to", written_to}, {"alone", alone}, {"because", trouble}});
  }
}

}  // namespace longwire::storage::mysql
