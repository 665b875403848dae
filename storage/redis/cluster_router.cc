#include "storage/redis/cluster_router.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace longwire::storage::redis {
namespace {

using std::chrono::milliseconds;

// Redirections and repeats of one command: a slot that moves takes two, and more than a few mean
// nodes that disagree.
constexpr int kHopsMax = 8;
// The pause before the first repeat of what is to be tried later; it doubles with each hop.
constexpr milliseconds kLaterMin{10};
// The part of Options::in_flight_max that may wait for slots nobody serves, so that those which are
// served are not starved.
constexpr std::size_t kParkedPart = 4;
// Deadlines and timeouts are met to an eighth, and to a quarter of a tenth of a second.
constexpr int kSweepPart = 8;
constexpr milliseconds kSweepMax{25};

// They change what further answers on the connection are, or whom they are for.
constexpr std::string_view kForbidden[] = {
    "asking", "auth",       "client",       "discard",      "exec",        "hello",     "monitor",
    "multi",  "psubscribe", "punsubscribe", "quit",         "readonly",    "readwrite", "reset",
    "select", "ssubscribe", "subscribe",    "sunsubscribe", "unsubscribe", "unwatch",   "watch"};

Status check_command(const Command& command) {
  if (command.words.size() == 0)
    return Error{ErrorCode::kInvalidArgument, "a command without words"};
  if (command.key && *command.key >= command.words.size()) {
    return Error{ErrorCode::kInvalidArgument, "no such word for a key"};
  }
  const std::string_view name = command.words[0];
  // None is shorter than "auth" or longer than "punsubscribe": the most frequent go by here.
  if (name.size() < 4 || name.size() > 12) return {};
  const std::string lower = ascii_lower(name);
  if (std::find(std::begin(kForbidden), std::end(kForbidden), lower) != std::end(kForbidden)) {
    return Error{ErrorCode::kInvalidArgument, lower + " is not for a connection that is shared"};
  }
  return {};
}

}  // namespace

ClusterRouter::ClusterRouter(const Options& options, const std::vector<net::Address>& seeds,
                             net::Loop& loop, const Environment& environment)
    : options_(options),
      loop_(loop),
      random_(environment.random),
      log_(environment.log, "redis"),
      metrics_(environment.metrics),
      nodes_(seeds, {options_, loop_, random_, log_, metrics_, *this}),
      map_({options_, loop_, random_, log_, metrics_, *this}, nodes_, *this) {}

ClusterRouter::~ClusterRouter() {
  stopping_ = true;
  loop_.cancel(sweep_timer_);
  nodes_.close({ErrorCode::kUnavailable, "the router ended"});
  resume();
  CHECK(calls_.size() == 0);
  publish();
}

void ClusterRouter::send(Command command, Callback<Reply> done) {
  CHECK(loop_.in_loop());
  if (auto checked = check_command(command); !checked.ok()) {
    tell_failure(std::move(done), checked.error());
    return;
  }
  if (calls_.size() >= static_cast<std::size_t>(options_.in_flight_max)) {
    tell_failure(std::move(done), {ErrorCode::kResourceExhausted, "redis.in_flight_max is reached",
                                   options_.backoff_min});
    return;
  }
  ++commands_untold_;
  Call& call = add_call(std::move(command), std::move(done));
  if (call.command.key) call.slot = slot_of(call.command.words[*call.command.key]);
  route(call);
}

void ClusterRouter::ask(Node& node, Command command, Callback<Reply> done) {
  Call& call = add_call(std::move(command), std::move(done));
  call.pinned = true;
  node.send(call);
}

Call& ClusterRouter::add_call(Command&& command, Callback<Reply>&& done) {
  begin_sweeps();
  return calls_.add(std::move(command), std::move(done),
                    loop_.turn_time() + options_.command_timeout);
}

void ClusterRouter::publish() {
  metrics_.commands.add(std::exchange(commands_untold_, 0));
  const auto in_flight = static_cast<std::int64_t>(calls_.size());
  metrics_.in_flight.add(in_flight - std::exchange(in_flight_told_, in_flight));
}

void ClusterRouter::route(Call& call) {
  if (!map_.is_known()) {
    if (map_.want()) {
      park(call, {});
    } else {
      fail(call, {ErrorCode::kUnavailable, map_.trouble(), options_.backoff_min});
    }
    return;
  }
  if (call.slot == Call::kAnySlot) {
    give(call, nodes_.any_owner());
    return;
  }
  Node* const owner = nodes_.owner(call.slot);
  if (owner != nullptr) {
    give(call, owner);
    return;
  }
  map_.want();
  if (may_hop(call)) park(call, kLaterMin * (1 << call.hops));
}

void ClusterRouter::give(Call& call, Node* node) {
  const auto pause = node == nullptr ? options_.backoff_min : node->pause_left();
  if (node != nullptr && pause.count() == 0) {
    node->send(call);
    return;
  }
  map_.want();
  fail(call, {ErrorCode::kUnavailable, "the node of this slot cannot be reached", pause});
}

// Counts one more try; false where it was one too many, and the call has failed.
bool ClusterRouter::may_hop(Call& call) {
  if (++call.hops <= kHopsMax) return true;
  fail(call, {ErrorCode::kUnavailable, "sent on, or put off, too often", options_.backoff_min});
  return false;
}

void ClusterRouter::park(Call& call, milliseconds pause) {
  // Who waits for the first map starves nobody.
  const auto most = static_cast<std::size_t>(options_.in_flight_max) / kParkedPart + 1;
  if (map_.is_known() && parked_.size() >= most) {
    fail(call,
         {ErrorCode::kUnavailable, "too many commands wait for their node", options_.backoff_min});
    return;
  }
  call.not_before = loop_.turn_time() + shortened_by_luck(pause, random_);
  parked_.push_back(&call);
}

void ClusterRouter::on_answer(Node& node, Call& call, Reply&& reply) {
  if (!call.done) {
    calls_.remove(call);
    return;
  }
  const auto* failure = reply.failure();
  if (failure != nullptr && !call.pinned && follow(node, call, *failure)) return;
  auto done = calls_.take_done(call);
  calls_.remove(call);
  done(std::move(reply));
}

// False: that is the answer.
bool ClusterRouter::follow(Node& node, Call& call, const Reply::Failure& failure) {
  const Redirect redirect = parse_redirect(failure.text, node.address());
  if (redirect.kind == Redirect::Kind::kFinal) return false;
  call.sent = false;
  if (!may_hop(call)) return true;
  switch (redirect.kind) {
    case Redirect::Kind::kMoved:
    case Redirect::Kind::kAsk:
      follow_to(redirect.to.ip.empty() ? nullptr : nodes_.at(redirect.to), call, redirect);
      break;
    case Redirect::Kind::kLater:
      metrics_.later.add();
      if (failure.text.starts_with("CLUSTERDOWN")) map_.want();
      park(call, kLaterMin * (1 << call.hops));
      break;
    case Redirect::Kind::kFinal:
      break;
  }
  return true;
}

void ClusterRouter::follow_to(Node* node, Call& call, const Redirect& redirect) {
  const bool moved = redirect.kind == Redirect::Kind::kMoved;
  (moved ? metrics_.moved : metrics_.asked).add();
  if (moved) map_.want();
  if (node == nullptr) {
    // Named by a host: a new map tells its number.
    map_.want();
    park(call, kLaterMin * (1 << call.hops));
    return;
  }
  if (moved) nodes_.set_owner(redirect.slot, *node);
  call.asking = !moved;
  give(call, node);
}

void ClusterRouter::on_unsent(Call& call, const Error& why) {
  if (call.done) {
    fail(call, {ErrorCode::kUnavailable, why.message, options_.backoff_min});
  } else {
    calls_.remove(call);
  }
}

void ClusterRouter::on_lost(Call& call, const Error& why) {
  if (!call.done) {
    calls_.remove(call);
    return;
  }
  if (call.pinned || !call.command.repeatable || stopping_) {
    fail(call, why);
    return;
  }
  metrics_.repeats.add();
  if (may_hop(call)) route(call);
}

void ClusterRouter::on_down(Node& node) {
  (void)node;
  if (!stopping_ && map_.is_known()) map_.want();
}

void ClusterRouter::on_map_settled() {
  if (!stopping_) resume();
}

void ClusterRouter::fail(Call& call, Error error) {
  // A repeat that did not come about: the first try may have been done all the same.
  if (call.sent && error.code == ErrorCode::kUnavailable) error.code = ErrorCode::kUnknownOutcome;
  auto done = calls_.take_done(call);
  const bool pinned = call.pinned;
  calls_.remove(call);
  // Ours: the map is not to be waited for until the next turn.
  if (pinned) {
    if (!stopping_) done(std::move(error));
    return;
  }
  tell_failure(std::move(done), std::move(error));
}

// By a post, since the failure may have been found within send().
void ClusterRouter::tell_failure(Callback<Reply> done, Error error) {
  metrics_.failures(error.code).add();
  loop_.post(
      [done = std::move(done), error = std::move(error)]() mutable { done(std::move(error)); });
}

void ClusterRouter::on_wants_flush() {
  if (std::exchange(flush_is_due_, true)) return;
  loop_.at_end_of_turn([weak = std::weak_ptr(self_)] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    (*self)->flush_is_due_ = false;
    (*self)->nodes_.flush();
    (*self)->publish();
  });
}

void ClusterRouter::begin_sweeps() {
  if (sweep_timer_ != TimerId::kNone) return;
  const auto shortest = std::min(options_.command_timeout, options_.connect_timeout);
  sweep_timer_ = loop_.schedule(std::clamp(shortest / kSweepPart, milliseconds(1), kSweepMax),
                                [this] { sweep(); });
}

void ClusterRouter::sweep() {
  sweep_timer_ = TimerId::kNone;
  const auto now = loop_.turn_time();
  for (Call* call; (call = calls_.earliest()) != nullptr && call->deadline <= now;) expire(*call);
  nodes_.check();
  resume();
  map_.tick();
  nodes_.prune();
  publish();
  if (calls_.size() > 0) begin_sweeps();
}

// The caller is told; whoever holds the call lets it go when it meets it.
void ClusterRouter::expire(Call& call) {
  auto done = calls_.take_done(call);
  if (call.pinned) {
    done(Error{ErrorCode::kDeadlineExceeded, "no map within redis.command_timeout"});
  } else if (call.sent) {
    tell_failure(std::move(done),
                 {ErrorCode::kDeadlineExceeded, "no answer within redis.command_timeout"});
  } else {
    tell_failure(std::move(done), {ErrorCode::kUnavailable, "no node took it in time"});
  }
}

// Lets those go on whose time has come. Those that wait for the map have theirs at once.
void ClusterRouter::resume() {
  const auto now = loop_.turn_time();
  for (Call* call : std::exchange(parked_, {})) {
    if (!call->done) {
      calls_.remove(*call);
    } else if (stopping_) {
      fail(*call, {ErrorCode::kUnavailable, "the router ended"});
    } else if (call->not_before > now) {
      parked_.push_back(call);
    } else {
      route(*call);
    }
  }
}

Result<std::unique_ptr<Router>> make_router(const Options& options, net::Loop& loop,
                                            const Environment& environment) {
  std::vector<net::Address> seeds;
  for (const std::string& node : options.nodes) {
    auto address = net::parse_address(node);
    if (!address.ok()) return address.error();
    if (address->ip.empty()) return Error{ErrorCode::kInvalidArgument, node + " names no host"};
    seeds.push_back(std::move(*address));
  }
  if (seeds.empty()) return Error{ErrorCode::kInvalidArgument, "redis.nodes names no node"};
  return std::unique_ptr<Router>(
      std::make_unique<ClusterRouter>(options, seeds, loop, environment));
}

}  // namespace longwire::storage::redis
