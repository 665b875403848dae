#include "tests/sim/journal.h"

#include <algorithm>

namespace longwire::sim {

using middle::Entry;
using middle::FeedId;
using middle::FeedNumber;
using middle::RegId;
using middle::TargetKind;

namespace {

std::string at(SimTime time) { return " at " + std::to_string(time.count()) + " ms"; }

std::string name_of(const SendRecord& send) {
  std::string name =
      send.body + " (target " + std::to_string(static_cast<int>(send.request.target));
  for (const std::string& target : send.request.names) name += " " + target;
  name += ", begun" + at(send.begun);
  if (send.answered) name += ", answered" + at(*send.answered);
  if (send.recall_begun) name += ", recalled" + at(*send.recall_begun);
  if (!send.request.collapse_key.empty()) name += ", collapse " + send.request.collapse_key;
  return name + ")";
}

Certainty negate(Certainty certainty) {
  if (certainty == Certainty::kMaybe) return certainty;
  return certainty == Certainty::kYes ? Certainty::kNo : Certainty::kYes;
}

}  // namespace

void Journal::fail(const std::string& what) {
  if (failure_.empty()) failure_ = what;
}

std::size_t Journal::begin_send(SendRecord record) {
  send_by_body_[record.body] = sends_.size();
  sends_.push_back(std::move(record));
  return sends_.size() - 1;
}

std::size_t Journal::begin_claim(Claim claim) {
  claims_.push_back(std::move(claim));
  return claims_.size() - 1;
}

void Journal::saw_entry(const FeedId& feed, const Entry& entry) {
  const auto [known, fresh] = entries_[feed].emplace(entry.number, entry.id);
  if (known->second != entry.id) {
    fail("number used twice: " + feed.value() + " " + std::to_string(entry.number));
  }
  const bool message = entry.kind == middle::EntryKind::kMessage;
  if (!message && entry.kind != middle::EntryKind::kChat) return;
  const auto [place, first] = places_.emplace(std::pair(feed, entry.id), entry.number);
  if (place->second != entry.number) {
    fail("a message twice in " + feed.value() + ": " + std::to_string(place->second) + " and " +
         std::to_string(entry.number) + ": " +
         (send_by_body_.contains(entry.body) ? name_of(sends_[send_by_body_.at(entry.body)]) : ""));
  }
  if (message && !entry.body.empty()) {
    bodies_[feed].emplace(entry.number, entry.body);
  }
}

std::vector<FeedId> Journal::feeds() const {
  std::vector<FeedId> names;
  for (const auto& [feed, entries] : entries_) names.push_back(feed);
  return names;
}

void Journal::delivered(const RegId& registration, const FeedId& feed, const Entry& entry) {
  ++deliveries_;
  auto send = send_by_body_.find(entry.body);
  if (send == send_by_body_.end()) return fail("a message that nobody sent: " + entry.body);
  if (++seen_[registration][entry.body] > 1) {
    fail("seen twice by " + registration.value() + " in " + feed.value() + ": " +
         name_of(sends_[send->second]));
  }
}

void Journal::cursor_stored(const FeedKey& key, FeedNumber number) {
  FeedNumber& cursor = cursors_[key];
  cursor = std::max(cursor, number);
}

void Journal::cursor_shown(const FeedKey& key, FeedNumber number) {
  auto found = cursors_.find(key);
  if (found == cursors_.end() || number >= found->second) return;
  fail("cursor fell: " + key.second.value() + " of " + key.first.value() + " shown as " +
       std::to_string(number) + ", stored was " + std::to_string(found->second));
}

std::size_t Journal::count(const RegId& registration, const std::string& body) const {
  auto seen = seen_.find(registration);
  if (seen == seen_.end()) return 0;
  auto times = seen->second.find(body);
  return times == seen->second.end() ? 0 : static_cast<std::size_t>(times->second);
}

void Journal::check(SimTime, Timestamp end_wall) {
  for (const SendRecord& send : sends_) check_send(send, end_wall);
  check_order();
}

void Journal::check_send(const SendRecord& send, Timestamp end_wall) {
  const bool excuse = excused(send, end_wall);
  std::vector<RegId> registrations;
  for (const Claim& claim : claims_) {
    if (claim.kind == ClaimKind::kRegistered && claim.carried) {
      registrations.push_back(claim.registration);
    }
  }
  for (const RegId& registration : registrations) {
    const Certainty certainty = addressed(send, registration);
    const std::size_t times = count(registration, send.body);
    if (times > 0 && certainty == Certainty::kNo) {
      fail("to somebody else, " + registration.value() + ": " + name_of(send));
    }
    if (times == 0 && certainty == Certainty::kYes && send.answered && !excuse) {
      fail("lost for " + registration.value() + ": " + name_of(send));
    }
  }
}

// A message that ended otherwise: expired, recalled, hidden by a newer one.
bool Journal::excused(const SendRecord& send, Timestamp end_wall) const {
  if (send.expires <= end_wall || send.recall_begun) return true;
  if (send.request.collapse_key.empty()) return false;
  return std::any_of(sends_.begin(), sends_.end(), [&](const SendRecord& other) {
    return &other != &send && other.request.collapse_key == send.request.collapse_key;
  });
}

bool Journal::against(const Claim& claim, ClaimKind kind, const std::string& name,
                      const RegId& registration) const {
  if (claim.kind != kind || claim.name != name) return false;
  if (claim.registration == registration) return !claim.carried;
  return kind == ClaimKind::kAlias && rules_.alias_is_exclusive && claim.carried;
}

// Did the registration carry the name at a moment, unknown to us, between `from` and `to`?
Certainty Journal::carried(ClaimKind kind, const std::string& name, const RegId& registration,
                           SimTime from, SimTime to) const {
  bool maybe = false;
  bool yes = false;
  for (const Claim& claim : claims_) {
    if (claim.kind != kind || claim.name != name || claim.registration != registration) continue;
    if (!claim.carried || claim.begun > to) continue;
    bool surely_over = false;
    bool surely_in_force = claim.done && *claim.done < from;
    for (const Claim& other : claims_) {
      if (!against(other, kind, name, registration)) continue;
      const bool before = claim.done && other.done && *other.done < claim.begun;
      if (!before && other.begun <= to) surely_in_force = false;
      if (claim.done && other.begun > *claim.done && other.done && *other.done < from) {
        surely_over = true;
      }
    }
    yes = yes || surely_in_force;
    maybe = maybe || !surely_over;
  }
  if (yes) return Certainty::kYes;
  return maybe ? Certainty::kMaybe : Certainty::kNo;
}

Certainty Journal::tags_match(const SendRecord& send, const RegId& registration) const {
  const SimTime to = send.answered.value_or(SimTime::max());
  Certainty result = Certainty::kNo;
  for (std::size_t i = 0; i < send.request.names.size(); ++i) {
    const Certainty one =
        carried(ClaimKind::kTag, send.request.names[i], registration, send.begun, to);
    if (i == 0) {
      result = one;
    } else if (send.request.topic_operator == middle::TagOperator::kUnion) {
      result = std::max(result, one);
    } else if (send.request.topic_operator == middle::TagOperator::kIntersection) {
      result = std::min(result, one);
    } else {
      result = std::min(result, negate(one));
    }
  }
  return result;
}

Certainty Journal::addressed(const SendRecord& send, const RegId& registration) const {
  const SimTime to = send.answered.value_or(SimTime::max());
  const Certainty there = carried(ClaimKind::kRegistered, "", registration, send.begun, to);
  Certainty meant = Certainty::kNo;
  switch (send.request.target) {
    case TargetKind::kAll:
      meant = Certainty::kYes;
      break;
    case TargetKind::kTopic:
      meant = tags_match(send, registration);
      break;
    case TargetKind::kRegId:
      for (const std::string& name : send.request.names) {
        if (name == registration.value()) meant = Certainty::kYes;
      }
      break;
    case TargetKind::kAlias:
    case TargetKind::kUserAccount: {
      const ClaimKind kind =
          send.request.target == TargetKind::kAlias ? ClaimKind::kAlias : ClaimKind::kAccount;
      for (const std::string& name : send.request.names) {
        meant = std::max(meant, carried(kind, name, registration, send.begun, to));
      }
      break;
    }
  }
  return std::min(there, meant);
}

// In a feed written by its own sends, who was answered before another began has the lower number.
void Journal::check_order() {
  for (const auto& [feed, bodies] : bodies_) {
    std::optional<SimTime> earliest_answer;
    for (auto entry = bodies.rbegin(); entry != bodies.rend(); ++entry) {
      auto found = send_by_body_.find(entry->second);
      if (found == send_by_body_.end()) continue;
      const SendRecord& send = sends_[found->second];
      const TargetKind target = send.request.target;
      const bool by_lane = target == TargetKind::kAlias || target == TargetKind::kUserAccount ||
                           send.request.names.size() > 1;
      if (by_lane) continue;
      if (earliest_answer && send.begun > *earliest_answer) {
        fail("out of order in " + feed.value() + ": " + name_of(send));
      }
      if (send.answered) {
        earliest_answer =
            earliest_answer ? std::min(*earliest_answer, *send.answered) : *send.answered;
      }
    }
  }
}

void Journal::check_trace(const SendRecord& send, const middle::TraceReply& reply) {
  if (reply.id != send.id) return fail("trace of another message: " + name_of(send));
  for (const middle::TraceCopy& copy : reply.copies) {
    const std::size_t times = count(copy.registration, send.body);
    const std::string which = std::string(copy_state_name(copy.state)) + " for " +
                              copy.registration.value() + ": " + name_of(send);
    // A tag that begins while the message is under way may be known to its owner before the front
    // end hears of it.
    const bool open = addressed(send, copy.registration) == Certainty::kMaybe;
    if (copy.state == middle::CopyState::kDelivered && times == 0 && !open) {
      fail("trace says " + which + " but the app did not see it");
    }
    if (copy.state == middle::CopyState::kWaiting && !open) {
      fail("trace says " + which + " after everything has drained");
    }
  }
}

}  // namespace longwire::sim
