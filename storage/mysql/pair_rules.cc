#include "storage/mysql/pair_rules.h"

#include <utility>

namespace longwire::storage::mysql {
namespace {

constexpr const char* kUnacknowledged =
    "the other server has transactions that were never acknowledged, and must be filled anew";
constexpr const char* kFollowsNot = "the other server does not follow";
constexpr const char* kThird =
    "a third server acknowledges: rpl_semi_sync_slave_enabled must be off there";

// At one epoch there may be a record of a keeper that never came to be one: it took the record of a
// holder that was away from the other, while the other was promoted. The promoted one is alone.
bool newer(const PairRecord& one, const PairRecord& other) {
  if (one.epoch != other.epoch) return one.epoch > other.epoch;
  return one.alone && !other.alone;
}

}  // namespace

std::optional<std::size_t> PairRules::holder() const {
  if (!record_) return std::nullopt;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (ids_[i] == record_->holder) return i;
    if (ids_[i] != 0 && ids_[1 - i] == 0) return 1 - i;  // not this one, so the other
  }
  return std::nullopt;
}

void PairRules::changed(const PairRecord& record) {
  record_ = record;
  keeps_ = record.keeper == me_;
  may_take_at_once_ = false;
  unsure_.reset();
  if (record.alone) proven_.reset();
}

void PairRules::proven(std::uint64_t connection) { proven_ = connection; }

void PairRules::learn(const PairSeen& seen, MonotonicTime now) {
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i]) continue;
    ids_[i] = seen[i]->server_id;
    if (unsure_ == i) unsure_.reset();
    const auto& record = seen[i]->record;
    if (!record) continue;
    if (!record_ || newer(*record, *record_)) {
      record_ = record;
      keeps_ = keeps_ && record->keeper == me_;
      beat_ = 0;
      proven_.reset();
      away_since_.reset();
    }
    if (record->same_as(*record_) && record->beat > beat_) {
      beat_ = record->beat;
      beat_seen_ = now;
    }
  }
}

PairStep PairRules::next(const PairSeen& seen, MonotonicTime now) {
  learn(seen, now);
  if (!record_) return {.trouble = "no server of the pair tells who is written to"};
  const auto holder_index = holder();
  if (!holder_index) return {.trouble = "the server that is written to is none of the pair"};
  if (!seen[*holder_index]) {
    if (!away_since_) away_since_ = now;
  } else {
    away_since_.reset();
    const auto& record = seen[*holder_index]->record;
    if (!record || newer(*record_, *record)) {
      return {.trouble = "the server that is written to has gone back in time"};
    }
  }
  if (unsure_) return {.trouble = "the answer to a change of the pair was lost"};
  return keeps_ ? as_keeper(seen, *holder_index, now) : as_anyone(seen, *holder_index, now);
}

PairStep PairRules::as_keeper(const PairSeen& seen, std::size_t holder, MonotonicTime now) {
  const auto& other = seen[1 - holder];
  if (!seen[holder]) return holder_away(seen, 1 - holder, now);
  if (seen[holder]->read_only || seen[holder]->receives) return {PairAct::kReopen};
  return record_->alone ? alone(*seen[holder], other) : together(*seen[holder], other);
}

PairStep PairRules::holder_away(const PairSeen& seen, std::size_t other, MonotonicTime now) {
  if (record_->alone) {
    return {.trouble = "the server that is written to is away, and the other has not all of it"};
  }
  if (!proven_ || !seen[other] || seen[other]->connection != *proven_) {
    return {.trouble =
                "the server that is written to is away, and nobody knows whether the other "
                "has all of it"};
  }
  if (now - *away_since_ < limits_.failover_after) {
    return {.trouble = "the server that is written to is away"};
  }
  return {PairAct::kPromote, "the server that is written to is away"};
}

PairStep PairRules::alone(const ServerSeen& holder, const std::optional<ServerSeen>& other) {
  if (!other) return {.trouble = "the other server is away"};
  if (!other->read_only) return {PairAct::kFence, "the other server can be written to"};
  if (has_more(other->position, holder.position)) {
    return {.trouble = kUnacknowledged};
  }
  if (!other->receives || !other->applies) return {PairAct::kFollow, kFollowsNot};
  if (holder.acknowledgers > 1) {
    return {.trouble = kThird};
  }
  if (!holder.in_sync || holder.acknowledgers == 0) {
    return {.trouble = "the other server is behind"};
  }
  return {PairAct::kPair};
}

PairStep PairRules::together(const ServerSeen& holder, const std::optional<ServerSeen>& other) {
  if (!holder.in_sync) return {PairAct::kGoAlone, "the other server does not acknowledge"};
  if (holder.acknowledgers > 1) return {PairAct::kGoAlone, kThird};
  if (!other) return {.trouble = "the other server is away"};
  if (!other->read_only) return {PairAct::kFence, "the other server can be written to"};
  if (!other->receives) return {PairAct::kGoAlone, kFollowsNot};
  // It acknowledges what it receives; before it takes over it has to apply that.
  if (!other->applies)
    return {PairAct::kFollow, "the other server does not apply what it received"};
  if (!proven_ || other->connection != *proven_) return {PairAct::kProve};
  return {};
}

PairStep PairRules::as_anyone(const PairSeen& seen, std::size_t holder, MonotonicTime now) {
  const auto& at_holder = seen[holder];
  const auto& at_other = seen[1 - holder];
  if (!at_holder) return {.trouble = "the server that is written to is away"};
  // Ours: at one server, or already at both.
  const bool lapsed =
      record_->keeper.empty() || record_->keeper == me_ || now - beat_seen_ >= limits_.lease;
  if (!lapsed && !may_take_at_once_) return {};
  if (record_->alone) return {PairAct::kTake};
  if (!at_other) return {.trouble = "the pair has no keeper, and the other server is away"};
  // After a start of both nobody follows, and a keeper is made by both.
  if (has_more(at_other->position, at_holder->position)) return {.trouble = kUnacknowledged};
  if (!at_other->receives || !at_other->applies) return {PairAct::kFollow, kFollowsNot};
  const bool agree = at_other->record && at_other->record->same_as(*at_holder->record);
  if (!agree) return {.trouble = "the pair has no keeper, and the other server is behind"};
  return {PairAct::kTake};
}

}  // namespace longwire::storage::mysql
