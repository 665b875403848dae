#pragma once

// OwnerRouter: calls to whichever node owns the partition that they concern, now or in a moment.
//
// A call that was refused because the partition is elsewhere, or whose connection ended, waits
// until somebody claims the partition, and goes there: callers see a partition that changes hands
// as a call that takes longer. Where it may have been carried out, it is repeated only if it may
// be, and marked so. So are those on their way to an owner that somebody else has taken over from:
// it may never answer. Calls that wait for one partition keep their order.
//
// Errors it adds: kUnavailable: nobody claimed the partition in time, or too much waits
// (Options::waiting_max); kUnknownOutcome: the same, after a try that may have been carried out.

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/environment.h"
#include "middle/cluster/owner_table.h"
#include "middle/service.h"

namespace longwire::middle::cluster {

// A try that follows one whose outcome is unknown says so, where the call can.
inline void mark_repeated(SendRequest& request) { request.repeated = true; }
inline void mark_repeated(RouteRequest& request) { request.repeated = true; }
template <typename Argument>
void mark_repeated(Argument&) {}

struct CallKind {
  std::optional<PartitionId> partition;  // empty: any node will do
  bool repeatable = true;                // carried out twice it is as once
  bool first = false;                    // goes before what waits
  bool gone_is_done = false;             // a repeat that finds nothing finds its own work
  // Asked by the owner of this one, which is another's to ask for once it has moved: then it is not
  // tried again, and kDeposed.
  std::optional<PartitionId> on_behalf_of = std::nullopt;
};

struct RouterOptions {
  std::chrono::milliseconds give_up_after{10'000};
  std::chrono::milliseconds try_again_after{50};
  // A node that any other could stand in for is waited for so long, where the call may be repeated.
  std::chrono::milliseconds anybody_within{1'000};
  std::size_t waiting_max = 20'000;
  std::size_t on_their_way_max = 4'000;  // below what a channel takes
};

// Loop-bound. `Face` is a Service or a PeerService; after the router's end no callback runs.
template <typename Face>
class OwnerRouter final {
 public:
  // All references outlive it.
  OwnerRouter(const Environment& environment, OwnerTable& owners, RouterOptions options = {})
      : loop_(environment.executor),
        clock_(environment.clock),
        owners_(owners),
        options_(options),
        calls_on_their_way_(environment.metrics.gauge("longwire_calls_on_their_way",
                                                      "Calls to middle nodes without an answer.")),
        calls_waiting_(environment.metrics.gauge(
            "longwire_calls_waiting", "Calls that wait for a partition's owner to be known.")) {}
  ~OwnerRouter() {
    *alive_ = false;
    loop_.cancel(timer_);
  }
  OwnerRouter(const OwnerRouter&) = delete;
  OwnerRouter& operator=(const OwnerRouter&) = delete;

  // Told before each call which owner it is meant for. Empty: there is no way on which it is late.
  using AddressNext = std::function<void(const PartitionClaim&)>;
  // `face` until lost(), which comes before the answers to its calls. What it owns is in the table.
  void connected(const NodeAddress& node, Face& face, AddressNext address_next) {
    faces_[node] = {&face, std::move(address_next)};
    owners_changed();
  }
  void lost(const NodeAddress& node) { faces_.erase(node); }
  Face* face_of(const NodeAddress& node) const {
    const auto found = faces_.find(node);
    return found == faces_.end() ? nullptr : found->second.face;
  }
  Face* owner_of(PartitionId partition) const {
    const auto& owner = owners_.of(partition);
    return owner ? face_of(owner->node) : nullptr;
  }
  template <typename Tell>
  void tell_all(Tell tell) {
    for (auto& [node, way] : faces_) tell(node, *way.face);
  }
  // The table knows more than before: whoever waits may go, and who waits for an answer of an owner
  // that is none any more does not.
  void owners_changed();

  template <auto Member, typename R, typename... Args>
  void call(const CallKind& kind, Callback<R> done, Args... args) {
    auto made = std::make_shared<Typed<Member, R, Args...>>(std::move(done), std::move(args)...);
    made->kind = kind;
    if (kind.on_behalf_of) made->caller = owners_.of(*kind.on_behalf_of);
    made->number = kind.first ? ++last_first_ : ++last_number_;
    made->deadline = clock_.monotonic() + options_.give_up_after;
    go(std::move(made));
  }

  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Way {
    Face* face = nullptr;
    AddressNext address_next;
  };
  // An answer has come, with an error or without. True: it is to be passed on.
  using Answered = std::function<bool(const Error*)>;

  // One call, until it is answered. Shared by the answer that is awaited and by what waits.
  struct Attempt {
    virtual ~Attempt() = default;
    // `answered` is told of an answer before it is passed on: false: nobody waits for it any more.
    virtual void start(Face& face, Answered answered) = 0;
    virtual void fail(Error error) = 0;
    virtual void succeed() = 0;
    virtual void repeat() = 0;
    CallKind kind;
    std::optional<Owner> caller;  // of kind.on_behalf_of
    std::uint64_t number = 0;
    MonotonicTime deadline{};
    bool uncertain = false;  // may have been carried out
    std::size_t tries = 0;   // answers to earlier ones are not waited for any more
    MonotonicTime tried_at{};
    std::optional<Owner> asked;  // by the last try
  };
  using AttemptPtr = std::shared_ptr<Attempt>;
  struct InOrder {
    bool operator()(const AttemptPtr& a, const AttemptPtr& b) const {
      return a->number < b->number;
    }
  };

  template <auto Member, typename R, typename... Args>
  struct Typed final : Attempt, std::enable_shared_from_this<Typed<Member, R, Args...>> {
    explicit Typed(Callback<R> answered, Args... given)
        : done(std::move(answered)), args(std::move(given)...) {}
    void start(Face& face, Answered answered) override {
      auto take = [self = this->shared_from_this(), answered](Result<R> result) {
        if (answered(result.ok() ? nullptr : &result.error())) self->done(std::move(result));
      };
      std::apply([&](const Args&... each) { (face.*Member)(Args(each)..., std::move(take)); },
                 args);
    }
    void fail(Error error) override { done(std::move(error)); }
    void succeed() override {
      CHECK(std::is_void_v<R>);  // of others nobody knows the answer
      if constexpr (std::is_void_v<R>) done({});
    }
    void repeat() override {
      std::apply([](Args&... each) { (mark_repeated(each), ...); }, args);
    }
    Callback<R> done;
    std::tuple<Args...> args;
  };

  void go(AttemptPtr attempt);
  bool must_wait(const Attempt& attempt) const;
  void start(const AttemptPtr& attempt, const NodeAddress& node, Face& face);
  void failed(const AttemptPtr& attempt, const NodeAddress& node, Error error);
  void run_waiting();
  void room_again();
  void try_somebody_else();
  void wait(AttemptPtr attempt);
  void give_up(Attempt& attempt);
  void give_up_later(AttemptPtr attempt);
  void arm();
  void count() {
    calls_on_their_way_.set(static_cast<std::int64_t>(on_their_way_.size()));
    calls_waiting_.set(static_cast<std::int64_t>(waiting_.size()));
  }

  Executor& loop_;
  const Clock& clock_;
  OwnerTable& owners_;
  const RouterOptions options_;
  std::map<NodeAddress, Way> faces_;
  std::set<AttemptPtr, InOrder> on_their_way_;
  std::set<AttemptPtr, InOrder> with_anybody_;  // of those, and repeatable
  std::set<AttemptPtr, InOrder> waiting_;
  std::vector<std::size_t> waiting_for_;  // by partition; what is waited for is waited for by all
  std::uint64_t last_first_ = 0;
  std::uint64_t last_number_ = std::uint64_t{1} << 32U;  // above all that go first
  std::size_t next_turn_ = 0;
  GaugeShare calls_on_their_way_;
  GaugeShare calls_waiting_;
  TimerId timer_ = TimerId::kNone;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards answers under way
};

template <typename Face>
bool OwnerRouter<Face>::must_wait(const Attempt& attempt) const {
  if (on_their_way_.size() >= options_.on_their_way_max) return true;
  return attempt.kind.partition && !attempt.kind.first &&
         *attempt.kind.partition < waiting_for_.size() && waiting_for_[*attempt.kind.partition] > 0;
}

template <typename Face>
void OwnerRouter<Face>::go(AttemptPtr attempt) {
  const auto& behalf = attempt->kind.on_behalf_of;
  if (behalf && owners_.of(*behalf) != attempt->caller)
    return attempt->fail({ErrorCode::kDeposed, "who asked for it owns its partition no more"});
  if (must_wait(*attempt)) return wait(std::move(attempt));
  if (attempt->kind.partition) {
    const auto& owner = owners_.of(*attempt->kind.partition);
    const auto way = owner ? faces_.find(owner->node) : faces_.end();
    if (way == faces_.end()) return wait(std::move(attempt));
    attempt->asked = owner;
    const auto& address_next = way->second.address_next;
    if (address_next) address_next({*attempt->kind.partition, owner->since, true});
    return start(attempt, way->first, *way->second.face);
  }
  if (faces_.empty()) return wait(std::move(attempt));
  // In turn: one that is silent is not asked for ever.
  const auto turn = static_cast<std::ptrdiff_t>(next_turn_++ % faces_.size());
  const auto& [node, way] = *std::next(faces_.begin(), turn);
  start(attempt, node, *way.face);
}

template <typename Face>
void OwnerRouter<Face>::start(const AttemptPtr& attempt, const NodeAddress& node, Face& face) {
  const std::size_t turn = ++attempt->tries;
  attempt->tried_at = clock_.monotonic();
  on_their_way_.insert(attempt);
  count();
  if (!attempt->kind.partition && attempt->kind.repeatable) {
    with_anybody_.insert(attempt);
    arm();
  }
  attempt->start(face, [this, alive = alive_, attempt, node, turn](const Error* error) {
    if (!*alive || attempt->tries != turn || on_their_way_.erase(attempt) == 0) return false;
    with_anybody_.erase(attempt);
    if (on_their_way_.size() + 1 == options_.on_their_way_max) room_again();
    count();
    if (error == nullptr) return true;
    failed(attempt, node, *error);
    return false;
  });
}

template <typename Face>
void OwnerRouter<Face>::failed(const AttemptPtr& attempt, const NodeAddress& node, Error error) {
  const bool gone = face_of(node) == nullptr;
  switch (error.code) {
    case ErrorCode::kDeposed:  // nothing was done
      if (attempt->asked) owners_.refuted(*attempt->kind.partition, *attempt->asked);
      return wait(attempt);
    case ErrorCode::kUnknownOutcome:
    case ErrorCode::kDeadlineExceeded:
      if (!attempt->kind.repeatable) return attempt->fail(std::move(error));
      attempt->uncertain = true;
      attempt->repeat();
      return wait(attempt);
    case ErrorCode::kUnavailable:  // nothing was done
      if (gone || attempt->uncertain) return wait(attempt);
      return attempt->fail(std::move(error));
    case ErrorCode::kResourceExhausted:  // this try: an earlier one may have been in time
      if (attempt->uncertain) return wait(attempt);
      return attempt->fail(std::move(error));
    case ErrorCode::kNotFound:
      if (attempt->uncertain && attempt->kind.gone_is_done) return attempt->succeed();
      return attempt->fail(std::move(error));
    default:
      return attempt->fail(std::move(error));
  }
}

template <typename Face>
void OwnerRouter<Face>::owners_changed() {
  const auto alive = alive_;
  std::vector<AttemptPtr> overtaken;
  for (const AttemptPtr& attempt : on_their_way_) {
    if (!attempt->kind.partition) continue;
    const auto& owner = owners_.of(*attempt->kind.partition);
    if (owner && owner != attempt->asked) overtaken.push_back(attempt);
  }
  // Those that will wait come first: whoever is told of an end may call again, and does not
  // overtake them.
  std::stable_partition(overtaken.begin(), overtaken.end(),
                        [](const AttemptPtr& attempt) { return attempt->kind.repeatable; });
  for (const AttemptPtr& attempt : overtaken) {
    on_their_way_.erase(attempt);
    failed(attempt, attempt->asked->node,
           {ErrorCode::kUnknownOutcome, "its partition was taken over"});
    if (!*alive) return;
  }
  run_waiting();
}

template <typename Face>
void OwnerRouter<Face>::give_up(Attempt& attempt) {
  constexpr std::chrono::milliseconds kRetryAfter{1000};
  attempt.fail({attempt.uncertain ? ErrorCode::kUnknownOutcome : ErrorCode::kUnavailable,
                "no middle node serves this now", kRetryAfter});
}

// Who hears of it may call again: those that wait go first.
template <typename Face>
void OwnerRouter<Face>::give_up_later(AttemptPtr attempt) {
  loop_.post([alive = alive_, this, a = std::move(attempt)] {
    if (*alive) give_up(*a);
  });
}

template <typename Face>
void OwnerRouter<Face>::wait(AttemptPtr attempt) {
  if (clock_.monotonic() >= attempt->deadline || waiting_.size() >= options_.waiting_max)
    return give_up_later(std::move(attempt));
  waiting_for_.resize(owners_.partitions());
  if (attempt->kind.partition) ++waiting_for_[*attempt->kind.partition];
  waiting_.insert(std::move(attempt));
  count();
  arm();
}

template <typename Face>
void OwnerRouter<Face>::room_again() {
  loop_.post([this, alive = alive_] {
    if (*alive) run_waiting();
  });
}

template <typename Face>
void OwnerRouter<Face>::arm() {
  if (timer_ != TimerId::kNone || (waiting_.empty() && with_anybody_.empty())) return;
  timer_ = loop_.schedule(options_.try_again_after, [this, alive = alive_] {
    timer_ = TimerId::kNone;
    try_somebody_else();
    if (*alive) run_waiting();
  });
}

template <typename Face>
void OwnerRouter<Face>::try_somebody_else() {
  const auto alive = alive_;
  const MonotonicTime until = clock_.monotonic() - options_.anybody_within;
  std::vector<AttemptPtr> silent;
  for (const AttemptPtr& attempt : with_anybody_) {
    if (attempt->tried_at <= until) silent.push_back(attempt);
  }
  for (const AttemptPtr& attempt : silent) {
    with_anybody_.erase(attempt);
    on_their_way_.erase(attempt);
    failed(attempt, {}, {ErrorCode::kUnknownOutcome, "the node is silent"});
    if (!*alive) return;
  }
}

template <typename Face>
void OwnerRouter<Face>::run_waiting() {
  const auto alive = alive_;
  const MonotonicTime now = clock_.monotonic();
  auto due = std::exchange(waiting_, {});
  waiting_for_.assign(owners_.partitions(), 0);
  count();
  for (const AttemptPtr& attempt : due) {
    if (now >= attempt->deadline) {
      give_up_later(attempt);
    } else {
      go(attempt);
    }
    if (!*alive) return;
  }
  arm();
}

}  // namespace longwire::middle::cluster
