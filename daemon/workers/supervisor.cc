#include "daemon/workers/supervisor.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/guarded.h"
#include "base/net/listener.h"
#include "daemon/workers/front_control.h"
#include "daemon/workers/roll.h"
#include "daemon/workers/slot.h"
#include "daemon/workers/worker_pages.h"

namespace longwire::daemon {
namespace {

using std::chrono::milliseconds;

// Between two pages of metrics: to count many descriptors takes a worker some milliseconds.
constexpr milliseconds kRefreshInterval{5'000};
constexpr milliseconds kListPatience{1'000};
// A worker gives its own streams less, see Server::stop.
constexpr milliseconds kStopPatience{15'000};
constexpr milliseconds kLeavePatience{15'000};  // above the spread
// Who connects waits so long for a worker that is started again, not longer.
constexpr milliseconds kQueueTimeMax{1'000};

// A socket that chose its port itself would lose it when it is shut down: another chooses.
Result<net::Address> with_port(const std::string& text) {
  auto address = net::parse_address(text);
  if (!address.ok() || address->port != 0) return address;
  const auto chooser = net::listen_tcp(*address);
  if (!chooser.ok()) return chooser.error();
  address->port = net::listening_address(*chooser)->port;
  return address;
}

Result<std::vector<xmpp::XmppSockets>> open_sockets(const xmpp::XmppAddresses& addresses,
                                                    std::int64_t count) {
  std::vector<xmpp::XmppSockets> all;
  for (std::int64_t i = 0; i < count; ++i) {
    auto plain = net::listen_tcp(addresses.xmpp);
    if (!plain.ok()) return plain.error();
    auto secured = net::listen_tcp(addresses.xmpps);
    if (!secured.ok()) return secured.error();
    all.push_back({std::move(*plain), std::move(*secured)});
  }
  return all;
}

Json worker_json(const Slot& slot, const Worker& worker) {
  const Json& status = worker.status();
  return {{"worker", slot.number},
          {"pid", worker.pid()},
          {"state", worker_state_name(worker.state())},
          {"servedMs", worker.served().count()},
          {"restarts", slot.restarts.value()},
          {"version", status.value("version", "")},
          {"connections", status.value("connections", 0)},
          {"sessions", status.value("sessions", 0)}};
}

}  // namespace

struct Supervisor::State {
  explicit State(SupervisorParts p) : parts(std::move(p)), log(parts.environment.log, "workers") {}
  ~State();

  Status open();
  void start(Callback<void> done);
  Status start_worker(Slot& slot);
  void start_again(Slot& slot, milliseconds served);
  void on_serving(Slot& slot, Worker& worker);
  void on_ended(Slot& slot, Worker& worker, int status);
  void see_to(Slot& slot, const Worker& ended);
  void answer_start(Status outcome);
  void drain(const Json& params, Callback<Json> done);
  void roll_on();
  void fail_roll(const Error& why);
  void ask_all();
  void refresh();
  void stop(Callback<void> done);
  void answer_stop();
  void list(Callback<Json> done);
  void answer_list();
  void on_refreshed();

  const SupervisorParts parts;
  const Logger log;
  xmpp::XmppAddresses addresses;
  std::vector<std::unique_ptr<Slot>> slots;
  std::optional<Roll> roll;  // a drain under way
  TimerId refresh_timer = TimerId::kNone;
  std::vector<Callback<Json>> listing;  // wait until all have said how they are
  TimerId list_timer = TimerId::kNone;
  Callback<void> started;
  Callback<void> stopped;
  bool stopping = false;
  Guarded<std::vector<WorkerPage>> pages;
};

Supervisor::State::~State() {
  parts.loop.cancel(refresh_timer);
  parts.loop.cancel(list_timer);
  for (const auto& slot : slots) parts.loop.cancel(slot->restart_timer);
}

Status Supervisor::State::open() {
  auto plain = with_port(parts.addresses.listen);
  if (!plain.ok()) return plain.error();
  auto secured = with_port(parts.addresses.listen_tls);
  if (!secured.ok()) return secured.error();
  addresses = {*plain, *secured};
  for (int number = 0; number < parts.config.count; ++number) {
    auto sockets = open_sockets(addresses, parts.loops_per_worker);
    if (!sockets.ok()) return sockets.error();
    slots.push_back(std::make_unique<Slot>(
        number, std::move(*sockets), parts.config.restart_delay_max, parts.environment.metrics));
  }
  return {};
}

// ---- starting, and starting again

void Supervisor::State::start(Callback<void> done) {
  started = std::move(done);
  for (const auto& slot : slots) {
    if (Status begun = start_worker(*slot); !begun.ok()) return answer_start(std::move(begun));
  }
  refresh();
}

Status Supervisor::State::start_worker(Slot& slot) {
  auto worker = Worker::start(
      {.loop = parts.loop,
       .clock = parts.environment.clock,
       .command = parts.command,
       .number = slot.number,
       .sockets = slot.sockets},
      {.serving = [this, &slot](Worker& serving) { on_serving(slot, serving); },
       .refreshed = [this] { on_refreshed(); },
       .ended = [this, &slot](Worker& ended, int status) { on_ended(slot, ended, status); }});
  if (!worker.ok()) {
    log.error("worker_not_started", {{"worker", slot.number}, {"why", worker.error().message}});
    return worker.error();
  }
  (*worker)->kill_after(parts.config.start_timeout);
  log.info("worker_started", {{"worker", slot.number}, {"pid", (*worker)->pid()}});
  slot.workers.push_back(std::move(*worker));
  return {};
}

void Supervisor::State::start_again(Slot& slot, milliseconds served) {
  const milliseconds delay = slot.delay.next(served);
  if (delay >= kQueueTimeMax) {
    slot.give_share_away();
    log.error("worker_keeps_ending", {{"worker", slot.number}, {"again_in_ms", delay.count()}});
  }
  slot.restart_timer = parts.loop.schedule(delay, [this, &slot] {
    slot.restart_timer = TimerId::kNone;
    slot.restarts.add();
    if (!start_worker(slot).ok()) start_again(slot, milliseconds(0));
  });
}

void Supervisor::State::on_serving(Slot& slot, Worker& worker) {
  slot.note_serving();
  log.info("worker_serves", {{"worker", slot.number}, {"pid", worker.pid()}});
  if (roll && roll->is_at(slot.number)) {
    Worker& former = *slot.workers.front();
    if (&former == &worker) return roll_on();  // the one before ended by itself meanwhile
    if (former.state() == WorkerState::kServing) {
      former.leave(roll->spread);
      former.kill_after(roll->spread + kLeavePatience);
    }
  }
  const bool all = std::all_of(slots.begin(), slots.end(), [](const auto& one) {
    return one->find(WorkerState::kServing) != nullptr;
  });
  if (all) answer_start({});
}

void Supervisor::State::on_ended(Slot& slot, Worker& worker, int status) {
  const std::unique_ptr<Worker> ended = slot.take(worker);
  slot.note_serving();
  const bool expected = stopping || ended->state() == WorkerState::kLeaving;
  log.log(expected ? LogLevel::kInfo : LogLevel::kError, "worker_ended",
          {{"worker", slot.number}, {"pid", ended->pid()}, {"how", describe_end(status)}});
  if (stopping) return answer_stop();
  if (started) {
    return answer_start(
        Error{ErrorCode::kUnavailable,
              fmt::format("worker {} ended before it served: the log says why", slot.number)});
  }
  see_to(slot, *ended);
}

void Supervisor::State::see_to(Slot& slot, const Worker& ended) {
  if (roll && roll->is_at(slot.number)) {
    if (ended.state() == WorkerState::kLeaving) roll_on();
    if (ended.state() == WorkerState::kStarting) {
      fail_roll({ErrorCode::kUnavailable,
                 fmt::format("the successor of worker {} ended before it served: the log says why; "
                             "it and those after it stay as they are",
                             slot.number)});
    }
  }
  const bool somebody = slot.find(WorkerState::kStarting) != nullptr ||
                        slot.find(WorkerState::kServing) != nullptr ||
                        slot.restart_timer != TimerId::kNone;
  if (!somebody) start_again(slot, ended.served());
}

void Supervisor::State::answer_start(Status outcome) {
  if (!started) return;
  std::exchange(started, nullptr)(std::move(outcome));
}

// ---- a drain: one after the other, each once its successor accepts

void Supervisor::State::drain(const Json& params, Callback<Json> done) {
  const auto spread = read_spread(params);
  if (!spread.ok()) return done(spread.error());
  if (roll) return done(Error{ErrorCode::kResourceExhausted, "another drain is under way"});
  const bool one = params.contains("worker");
  const int wanted = params.value("worker", 0);
  if (wanted < 0 || wanted >= static_cast<int>(slots.size())) {
    return done(Error{ErrorCode::kNotFound, fmt::format("there is no worker {}", wanted)});
  }
  roll.emplace();
  roll->spread = *spread;
  roll->done = std::move(done);
  for (const auto& slot : slots) {
    if (!one || slot->number == wanted) roll->left.push_back(slot->number);
  }
  roll->total = roll->left.size();
  roll_on();
}

void Supervisor::State::roll_on() {
  if (!roll->next()) {
    roll->done(Json{{"drained", roll->total}});
    roll.reset();
    return;
  }
  Slot& slot = *slots[static_cast<std::size_t>(roll->current)];
  if (slot.find(WorkerState::kStarting) != nullptr) return;  // of one that just died
  parts.loop.cancel(std::exchange(slot.restart_timer, TimerId::kNone));
  if (const Status begun = start_worker(slot); !begun.ok()) {
    fail_roll(begun.error());
    if (slot.workers.empty()) start_again(slot, milliseconds(0));
  }
}

void Supervisor::State::fail_roll(const Error& why) {
  roll->done(why);
  roll.reset();
}

// ---- what they say

void Supervisor::State::ask_all() {
  for (const auto& slot : slots) {
    for (const auto& worker : slot->workers) worker->refresh();
  }
}

void Supervisor::State::refresh() {
  ask_all();
  refresh_timer = parts.loop.schedule(kRefreshInterval, [this] { refresh(); });
}

void Supervisor::State::on_refreshed() {
  std::vector<WorkerPage> fresh;
  bool all = true;
  for (const auto& slot : slots) {
    // Of two the one that accepts: what leaves is soon gone, and would be a second of its name.
    const Worker* const serving = slot->find(WorkerState::kServing);
    if (serving != nullptr) fresh.push_back({slot->number, serving->page()});
    all = all && (serving == nullptr || !serving->asked());
  }
  *pages.lock() = std::move(fresh);
  if (all) answer_list();
}

// As they are now; one that does not answer in time as it was.
void Supervisor::State::list(Callback<Json> done) {
  listing.push_back(std::move(done));
  if (listing.size() > 1) return;
  ask_all();
  list_timer = parts.loop.schedule(kListPatience, [this] { answer_list(); });
}

void Supervisor::State::answer_list() {
  parts.loop.cancel(std::exchange(list_timer, TimerId::kNone));
  Json all = Json::array();
  for (const auto& slot : slots) {
    for (const auto& worker : slot->workers) all.push_back(worker_json(*slot, *worker));
  }
  for (auto& done : std::exchange(listing, {})) done(all);
}

// ---- stopping

void Supervisor::State::stop(Callback<void> done) {
  stopping = true;
  stopped = std::move(done);
  parts.loop.cancel(std::exchange(refresh_timer, TimerId::kNone));
  for (const auto& slot : slots) {
    parts.loop.cancel(std::exchange(slot->restart_timer, TimerId::kNone));
    for (const auto& worker : slot->workers) {
      worker->signal(SIGTERM);
      worker->kill_after(kStopPatience);
    }
  }
  answer_stop();
}

// The owner destroys this object then: not from inside one of our own calls.
void Supervisor::State::answer_stop() {
  const bool all = std::all_of(slots.begin(), slots.end(),
                               [](const auto& slot) { return slot->workers.empty(); });
  if (!all || !stopped) return;
  parts.loop.post([done = std::exchange(stopped, nullptr)]() mutable { done({}); });
}

// ---- the face

Supervisor::Supervisor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Supervisor::~Supervisor() = default;

Result<std::unique_ptr<Supervisor>> Supervisor::open(SupervisorParts parts) {
  auto state = std::make_unique<State>(std::move(parts));
  TRY(state->open());
  return std::unique_ptr<Supervisor>(new Supervisor(std::move(state)));
}

const xmpp::XmppAddresses& Supervisor::addresses() const { return state_->addresses; }

void Supervisor::start(Callback<void> done) { state_->start(std::move(done)); }

void Supervisor::reload() {
  for (const auto& slot : state_->slots) {
    for (const auto& worker : slot->workers) worker->signal(SIGHUP);
  }
}

void Supervisor::stop(Callback<void> done) { state_->stop(std::move(done)); }

void Supervisor::add_control(ControlTable& table) {
  table.add("workers", [this](const Json&, Callback<Json> done) { state_->list(std::move(done)); });
  table.add("drain", [this](const Json& params, Callback<Json> done) {
    state_->drain(params, std::move(done));
  });
}

std::string Supervisor::merged_page(std::string_view own) const {
  return merge_pages(own, *state_->pages.lock());
}

}  // namespace longwire::daemon
