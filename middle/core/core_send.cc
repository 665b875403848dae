// Sending, recall and trace: who is addressed is found out first, each name by its owner; what
// counts is the one commit in the message's home.

#include <algorithm>
#include <map>
#include <utility>

#include "middle/core/core.h"
#include "middle/core/gather.h"

namespace longwire::middle {
namespace {

bool is_broadcast(TargetKind target) {
  return target == TargetKind::kTopic || target == TargetKind::kAll;
}

NameKind name_kind(TargetKind target) {
  return target == TargetKind::kAlias ? NameKind::kAlias : NameKind::kUserAccount;
}

constexpr int kRepeatsMax = 5;
constexpr std::chrono::milliseconds kRepeatAfter{300};

// Surely: where the outcome is unknown it may have.
bool sent_nothing(const Result<SendReply>& reply) {
  if (reply) return reply->repeated;
  return reply.error().code != ErrorCode::kUnknownOutcome &&
         reply.error().code != ErrorCode::kDeadlineExceeded;
}

WorkClass order_of(const SendPlan& plan) {
  return work_class(plan.request.priority, is_broadcast(plan.request.target));
}

}  // namespace

void Core::send(SendRequest request, Callback<SendReply> done) {
  const Timestamp time = now();
  if (apps_.find(request.app) == nullptr)
    return done(no_app({ErrorCode::kNotFound, "no such app"}));
  auto plan = make_plan(std::move(request), time, environment_.random, config_.time_to_live_default,
                        config_.time_to_live_max);
  if (!plan) return done(plan.error());
  if (plan->request.id && is_under_way(plan->id, plan->may_repeat, done)) return;
  const Status allowed = limits_.take(plan->request.app, time, environment_.clock.monotonic());
  // What may have been accepted is not refused any more.
  if (!allowed && !plan->may_repeat) return done(allowed.error());
  sends_.add();
  auto shared = std::make_shared<const SendPlan>(std::move(*plan));
  done = [this, counted = allowed.ok(), app = shared->request.app,
          d = std::move(done)](Result<SendReply> reply) mutable {
    if (counted && sent_nothing(reply)) limits_.give_back(app, now());
    d(std::move(reply));
  };
  if (shared->request.not_before) return schedule(shared, std::move(done));
  dispatch_repeatedly(shared, clustered() ? 0 : kRepeatsMax, std::move(done));
}

void Core::schedule(const PlanPtr& plan, Callback<SendReply> done) {
  const std::uint16_t home = plan->id.home();
  const Timestamp when = *plan->request.not_before;
  run<SendReply>(
      home, order_of(*plan),
      [this, plan](Transaction& t) { return accept_for_later(t, *plan, accept_limits()); },
      [this, home, when, d = std::move(done)](Result<SendReply> reply) mutable {
        if (reply) watch_schedule(partition_of(home, count_), when);
        d(std::move(reply));
      });
}

// A partition that changes hands is no reason for the sender to try again: the id stays the same,
// so that a first try that was committed after all is recognised. In a cluster the caller does it:
// the next owner may be elsewhere.
void Core::dispatch_repeatedly(const PlanPtr& plan, int repeats, Callback<SendReply> done) {
  dispatch(plan, [this, plan, repeats, d = std::move(done)](Result<SendReply> reply) mutable {
    const bool moved = !reply && (reply.error().code == ErrorCode::kDeposed ||
                                  reply.error().code == ErrorCode::kUnknownOutcome);
    // Refused now; but an earlier try may have got in.
    if (!reply && plan->may_repeat && !clustered() && reply.error().code == ErrorCode::kUnavailable)
      return d(Error{ErrorCode::kUnknownOutcome, reply.error().message, kRepeatAfter});
    if (!moved || repeats == 0) return d(std::move(reply));
    auto again = std::make_shared<SendPlan>(*plan);
    again->may_repeat = true;
    guard_.schedule(kRepeatAfter, [this, again, repeats, d = std::move(d)]() mutable {
      dispatch_repeatedly(again, repeats - 1, std::move(d));
    });
  });
}

void Core::dispatch(const PlanPtr& plan, Callback<SendReply> done) {
  const SendRequest& request = plan->request;
  const std::uint16_t home = plan->id.home();
  const WorkClass order = order_of(*plan);
  if (is_broadcast(request.target)) {
    return run<SendReply>(
        home, order,
        [this, plan](Transaction& t) { return accept_for_feed(t, *plan, accept_limits()); },
        std::move(done));
  }
  if (request.names.size() == 1 && request.target == TargetKind::kRegId)
    return dispatch_registration(plan, std::move(done));
  if (request.names.size() == 1) {
    return run<SendReply>(
        home, order,
        [this, plan](Transaction& t) { return accept_for_name(t, *plan, accept_limits()); },
        std::move(done));
  }
  resolve(plan, [this, plan, order, home, begun = tenure(home),
                 d = std::move(done)](Result<Resolved> resolved) mutable {
    if (!resolved) return d(resolved.error());
    if (is_over(begun, d)) return;
    run<SendReply>(
        home, order,
        [this, plan, r = std::move(*resolved)](Transaction& t) {
          return accept_for_inboxes(t, *plan, r, accept_limits());
        },
        std::move(d));
  });
}

// The common case: one registration, in its own partition, in one run.
void Core::dispatch_registration(const PlanPtr& plan, Callback<SendReply> done) {
  const std::uint16_t home = plan->id.home();
  const WorkClass order = order_of(*plan);
  run<SendReply>(
      home, order,
      [this, plan](Transaction& t) -> Result<SendReply> {
        const SendRequest& request = plan->request;
        const RegId registration(request.names.front());
        auto why_not = why_not_addressed(t, registration, request.app, request.packages);
        if (!why_not) return why_not.error();
        Resolved resolved;
        if (why_not->empty()) resolved.recipients.push_back({registration, {}});
        return accept_for_inboxes(t, *plan, resolved, accept_limits());
      },
      std::move(done));
}

void Core::resolve(const PlanPtr& plan, Callback<Resolved> done) {
  if (plan->request.target == TargetKind::kRegId)
    return resolve_registrations(plan, std::move(done));
  resolve_names(plan, std::move(done));
}

void Core::resolve_registrations(const PlanPtr& plan, Callback<Resolved> done) {
  std::map<PartitionId, std::vector<RegId>> groups;
  Resolved malformed;
  for (const std::string& name : plan->request.names) {
    if (auto id = parse_reg_id(name))
      groups[partition_of(home_of(*id), count_)].push_back(*id);
    else
      malformed.unknown.push_back(name);
  }
  auto all = Gather<Resolved>::make([d = std::move(done), m = std::move(malformed)](
                                        Result<std::vector<Resolved>> parts) mutable {
    if (!parts) return d(parts.error());
    for (Resolved& part : *parts) {
      std::move(part.recipients.begin(), part.recipients.end(), std::back_inserter(m.recipients));
      std::move(part.unknown.begin(), part.unknown.end(), std::back_inserter(m.unknown));
    }
    d(std::move(m));
  });
  for (auto& [partition, registrations] : groups) {
    const SendRequest& request = plan->request;
    peers().resolve({request.app, request.packages, std::move(registrations)}, all->ask());
  }
  all->close();
}

void Core::resolve_names(const PlanPtr& plan, Callback<Resolved> done) {
  const SendRequest& request = plan->request;
  auto all =
      Gather<Resolved>::make([d = std::move(done)](Result<std::vector<Resolved>> parts) mutable {
        if (!parts) return d(parts.error());
        Resolved whole;
        for (Resolved& part : *parts) {
          std::move(part.recipients.begin(), part.recipients.end(),
                    std::back_inserter(whole.recipients));
          std::move(part.unknown.begin(), part.unknown.end(), std::back_inserter(whole.unknown));
        }
        d(std::move(whole));
      });
  for (const std::string& name : request.names) {
    const NameId id{name_kind(request.target), request.app, name};
    peers().holders(id, [name, answer = all->ask()](Result<std::vector<RegId>> holders) mutable {
      if (!holders) return answer(holders.error());
      Resolved found;
      for (RegId& holder : *holders) found.recipients.push_back({std::move(holder), name});
      if (found.recipients.empty()) found.unknown.push_back(name);
      answer(std::move(found));
    });
  }
  all->close();
}

void Core::recall(RecallRequest request, Callback<void> done) {
  const std::uint16_t home = request.id.home();
  run<void>(
      home, WorkClass::kSingleHigh,
      [r = std::move(request)](Transaction& t) { return middle::recall(t, r.app, r.id); },
      std::move(done));
}

// ---- trace -------------------------------------------------------------------------------------

void Core::trace(MessageId id, Callback<TraceReply> done) {
  run<TraceHome>(
      id.home(), WorkClass::kRead, [id](Transaction& t) { return trace_home(t, id); },
      [this, d = std::move(done)](Result<TraceHome> found) mutable {
        if (!found) return d(found.error());
        // Shared by the questions that follow.
        auto home = std::make_shared<TraceHome>(std::move(*found));
        if (home->shared) return trace_readers_of(home, std::move(d));
        trace_copies_of(home, std::move(d));
      });
}

namespace {

TraceReply finish_trace(TraceHome& home, Result<std::vector<std::vector<TraceCopy>>>& parts) {
  TraceReply reply = std::move(home.reply);
  for (std::vector<TraceCopy>& part : *parts)
    std::move(part.begin(), part.end(), std::back_inserter(reply.copies));
  reply.resolved = std::max<std::uint64_t>(reply.resolved, reply.copies.size());
  reply.delivered = static_cast<std::uint64_t>(
      std::count_if(reply.copies.begin(), reply.copies.end(),
                    [](const TraceCopy& c) { return c.state == CopyState::kDelivered; }));
  if (reply.copies.size() > kTraceCopiesMax) {
    reply.copies.resize(kTraceCopiesMax);
    reply.copies_truncated = true;
  }
  return reply;
}

}  // namespace

void Core::trace_copies_of(const std::shared_ptr<TraceHome>& home, Callback<TraceReply> done) {
  auto all = Gather<std::vector<TraceCopy>>::make(
      [home, d = std::move(done)](Result<std::vector<std::vector<TraceCopy>>> parts) mutable {
        if (!parts) return d(parts.error());
        d(finish_trace(*home, parts));
      });
  for (const auto& [partition, registrations] : home->remote) {
    peers().trace_copies(home->reply.id, registrations, all->ask());
  }
  all->close();
}

void Core::trace_readers_of(const std::shared_ptr<TraceHome>& home, Callback<TraceReply> done) {
  const bool topic = feed_kind(home->shared->feed) == FeedKind::kTopic;
  const Tag tag(topic ? home->reply.names.front() : std::string());
  auto ask = [this, home, tag,
              d = std::move(done)](Result<std::vector<TopicCarrier>> found) mutable {
    if (!found) return d(found.error());
    if (found->size() <= kTraceCopiesMax) return trace_carriers(home, *found, std::move(d));
    // Too many to list: all are counted, and some looked at.
    home->reply.copies_truncated = true;
    auto counted = [this, home, carriers = std::move(*found),
                    d = std::move(d)](Result<std::uint64_t> count) mutable {
      if (!count) return d(count.error());
      home->reply.resolved = *count;
      trace_carriers(home, carriers, std::move(d));
    };
    parts_.directory.count_topic_carriers(home->reply.app, tag, home->shared->entry.number,
                                          guard_.wrap<std::uint64_t>(std::move(counted)));
  };
  parts_.directory.topic_carriers(home->reply.app, tag, RegId(), kTraceCopiesMax + 1,
                                  guard_.wrap<std::vector<TopicCarrier>>(std::move(ask)));
}

void Core::trace_carriers(const std::shared_ptr<TraceHome>& home,
                          const std::vector<TopicCarrier>& carriers, Callback<TraceReply> done) {
  std::map<PartitionId, std::vector<RegId>> groups;
  for (const TopicCarrier& carrier : carriers) {
    if (!carrier.carries(home->shared->entry.number)) continue;
    groups[partition_of(home_of(carrier.registration), count_)].push_back(carrier.registration);
  }
  auto all = Gather<std::vector<TraceCopy>>::make(
      [home, d = std::move(done)](Result<std::vector<std::vector<TraceCopy>>> parts) mutable {
        if (!parts) return d(parts.error());
        d(finish_trace(*home, parts));
      });
  for (auto& [partition, registrations] : groups) {
    peers().trace_readers(*home->shared, std::move(registrations), all->ask());
  }
  all->close();
}

}  // namespace longwire::middle
