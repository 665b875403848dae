#include "tests/sim/sim_run.h"

#include <memory>
#include <vector>

#include "tests/sim/sim_cluster.h"
#include "tests/sim/sim_device.h"
#include "tests/sim/sim_process.h"
#include "tests/sim/sim_sender.h"
#include "tests/sim/sim_spoiler.h"
#include "tests/sim/sim_user.h"

namespace longwire::sim {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kStep(25);
// Longer than a router waits for an owner.
constexpr milliseconds kPatience(15'000);
constexpr std::uint16_t kPartitions = 4;
// So few that rows are read from the store, or its mirror, again and again.
constexpr std::size_t kRowCacheBytes = kPartitions * 32 * 1024;

class Run final {
 public:
  Run(std::uint64_t seed, Planted planted, bool loud)
      : world_(seed),
        clustered_(in_cluster(seed, planted)),
        spoiler_(make_spoiler(spoiled(planted), world_.random())),
        sessions_not_told_(planted == Planted::kSessionsNotTold),
        storage_(world_, kPartitions),
        redis_(world_),
        network_(world_),
        ground_{world_,
                storage_,
                mirrored(seed, planted) ? &redis_ : nullptr,
                storage::make_memory_storage(storage_.info()),
                network_,
                {},
                clustered_,
                {}} {
    if (loud) world_.speak();
    const bool ignored = planted == Planted::kCommitIgnoresPosition ||
                         planted == Planted::kCommitIgnoresPositionInCluster;
    storage_.plant({ignored, planted == Planted::kCursorMayFall,
                    planted == Planted::kNumberUsedTwice, planted == Planted::kLaneItemTakenTwice});
    network_.lose_catch_up(planted == Planted::kCatchUpLost);
    if (planted == Planted::kSealIgnored) redis_.plant_ignored_seals();
    if (ground_.redis != nullptr) {
      ground_.config.row_cache_bytes = kRowCacheBytes;
      ground_.config.partition_cache_bytes_min = 0;
    }
  }

  ~Run() {
    process_.reset();
    cluster_.reset();
  }

  SimResult go() {
    if (set_up()) {
      draw_faults();
      trouble();
      calm();
    }
    SimResult result;
    result.failure = journal_.failure();
    result.events = world_.events_run();
    result.sends = journal_.sends().size();
    result.deliveries = journal_.deliveries();
    result.crashes = crashes_ + (cluster_ ? cluster_->crashes() : 0);
    result.commits = storage_.commits();
    return result;
  }

 private:
  // Every other seed.
  static bool mirrored(std::uint64_t seed, Planted planted) {
    return planted == Planted::kSealIgnored || seed % 2 == 0;
  }

  // Every third.
  static bool in_cluster(std::uint64_t seed, Planted planted) {
    if (planted == Planted::kNothing) return seed % 3 == 0;
    return planted >= Planted::kLateCallsCount;
  }
  static SpoiledFrames spoiled(Planted planted) {
    switch (planted) {
      case Planted::kLateCallsCount:
        return SpoiledFrames::kLateCallsCount;
      case Planted::kRepeatsNotMarked:
        return SpoiledFrames::kRepeatsNotMarked;
      case Planted::kClaimsLost:
        return SpoiledFrames::kClaimsLost;
      case Planted::kClaimsBackwards:
        return SpoiledFrames::kClaimsBackwards;
      default:
        return SpoiledFrames::kNone;
    }
  }

  SimRandom& luck() { return world_.random(); }

  // Which kinds of trouble this seed has: not all at once, so that each gets its turn alone.
  struct Trouble {
    double crash = 0;
    double front_end = 0;
    double intruder = 0;
    double disconnect = 0;
    double directory = 0;
    SimStorage::Faults storage;
    SimNetwork::Faults network;
    SimRedis::Faults redis;
  };

  // Null: none is there now.
  SimServer* server() {
    if (clustered_) return cluster_.get();
    return process_.get();
  }
  bool up() const { return clustered_ ? cluster_->up() : process_->serving(); }

  void start_server() {
    if (!clustered_) return start_process();
    cluster_ = std::make_unique<SimCluster>(
        ground_, SimClusterPlanted{spoiler_.get(), sessions_not_told_}, [this] { http_lost(); });
  }

  bool set_up() {
    start_server();
    for (int i = 0; i < 200 && !up(); ++i) world_.run_for(kStep);
    if (!up()) {
      journal_.fail("the middle does not start");
      return false;
    }
    std::optional<Result<middle::CreatedApp>> created;
    server()->http().create_app("demo", middle::PackageName("org.example"),
                                [&](Result<middle::CreatedApp> app) { created.emplace(app); });
    for (int i = 0; i < 200 && !created; ++i) world_.run_for(kStep);
    if (!created || !created->ok()) {
      journal_.fail("no app: " + (created ? created->error().message : "no answer"));
      return false;
    }
    const middle::App& app = (*created)->app;
    const std::uint64_t devices = luck().between(2, 5);
    for (std::uint64_t i = 0; i < devices; ++i) {
      devices_.push_back(std::make_unique<SimDevice>(ground_, journal_, app, static_cast<int>(i)));
    }
    if (luck().chance(0.5)) make_user("romeo");
    sender_ = std::make_unique<SimSender>(ground_, journal_, app);
    return true;
  }

  // Beside the middle: what a password costs to store is not to be simulated.
  void make_user(const std::string& name) {
    auto directory = storage::make_memory_directory(*spare_, ground_.directory);
    middle::User user;
    user.account = middle::XmppAccount(name);
    directory->create_user(std::move(user), [](Result<bool>) {});
    world_.run_for(kStep);
    users_.push_back(std::make_unique<SimUser>(ground_, journal_, name));
  }

  void start_process() {
    process_ = std::make_unique<SimProcess>(ground_, 2, "p" + std::to_string(++processes_));
    process_->directory().set_refused(trouble_.directory);
  }

  void draw_faults() {
    auto maybe = [&](double most) { return luck().chance(0.4) ? most : 0.0; };
    trouble_.crash = maybe(0.004);
    trouble_.front_end = maybe(0.005);
    trouble_.intruder = maybe(0.01);
    trouble_.disconnect = maybe(0.03);
    trouble_.directory = maybe(0.1);
    trouble_.storage.request_lost = maybe(0.05);
    trouble_.storage.answer_lost = maybe(0.05);
    trouble_.storage.refused = maybe(0.05);
    trouble_.storage.slow = maybe(0.1);
    trouble_.storage.zombie = maybe(0.03);
    trouble_.network = {maybe(0.1), maybe(0.1), maybe(0.2)};
    trouble_.redis.refused = maybe(0.02);
    trouble_.redis.answer_lost = maybe(0.02);
    trouble_.redis.zombie = maybe(0.02);
    trouble_.redis.slow = maybe(0.01);
    trouble_.redis.late = maybe(0.02);
    trouble_.redis.overtaken = maybe(0.01);
    trouble_.redis.evicted = maybe(0.05);
    trouble_.redis.snapshot = 0.05;
    trouble_.redis.gone_back = maybe(0.01);
    trouble_.redis.wiped = maybe(0.005);
    storage_.set_faults(trouble_.storage);
    redis_.set_faults(trouble_.redis);
    network_.set_faults(trouble_.network);
    if (process_ != nullptr) process_->directory().set_refused(trouble_.directory);
    if (cluster_ != nullptr) cluster_->draw_faults();
  }

  void trouble() {
    const std::uint64_t steps = luck().between(200, 1200);
    const double sends = luck().chance(0.5) ? 0.1 : 0.4;
    for (std::uint64_t i = 0; i < steps && journal_.failure().empty(); ++i) {
      act(sends);
      step();
    }
  }

  void act(double sends) {
    if (cluster_ != nullptr) cluster_->trouble();
    if (luck().chance(trouble_.crash)) crash();
    if (process_ != nullptr && luck().chance(trouble_.front_end)) {
      process_->restart_front_end(luck().between(0, process_->front_ends().size() - 1));
    }
    if (luck().chance(trouble_.intruder)) {
      storage_.intrude(static_cast<middle::PartitionId>(luck().between(0, kPartitions - 1)));
    }
    SimDevice& device = *devices_[luck().between(0, devices_.size() - 1)];
    if (luck().chance(trouble_.disconnect)) device.set_wanted(!device.connected());
    if (luck().chance(0.1)) device.change_name();
    if (luck().chance(0.02)) device.set_wanted(true);
    for (auto& user : users_) {
      if (luck().chance(trouble_.disconnect)) user->set_wanted(luck().chance(0.5));
      if (luck().chance(0.05)) user->write();
    }
    if (luck().chance(sends)) sender_->begin(registrations(), devices_.size());
  }

  void step() {
    if (cluster_ != nullptr) cluster_->step();
    if (process_ != nullptr && process_->failed()) crash();
    if (server() == nullptr && world_.now() >= restart_at_) start_process();
    for (auto& device : devices_) device->step(server());
    for (auto& user : users_) user->step(server());
    sender_->step(server());
    world_.run_for(kStep);
  }

  void crash() {
    if (process_ == nullptr) return;
    ++crashes_;
    process_.reset();
    sender_->process_lost();
    for (auto& user : users_) user->process_lost();
    for (auto& device : devices_) device->on_session_gone();  // its other calls are lost, too
    restart_at_ = world_.now() + milliseconds(luck().between(0, 3000));
  }

  // Those who came by HTTP hear nothing more.
  void http_lost() {
    if (sender_ == nullptr) return;
    sender_->process_lost();
    for (auto& user : users_) user->writers_lost();
    for (auto& device : devices_) device->http_lost();
  }

  std::vector<middle::RegId> registrations() const {
    std::vector<middle::RegId> ids;
    for (const auto& device : devices_) {
      if (device->ready()) ids.push_back(device->registration());
    }
    return ids;
  }

  void calm() {
    trouble_ = {};
    storage_.set_faults({});
    redis_.set_faults({});
    network_.set_faults({});
    if (server() == nullptr) start_process();
    if (process_ != nullptr) process_->directory().set_refused(0);
    if (cluster_ != nullptr) cluster_->calm();
    sender_->finish();
    for (auto& device : devices_) device->set_wanted(true);
    for (auto& user : users_) user->set_wanted(true);
    for (int i = 0; i < 4000 && journal_.failure().empty() && !sender_->idle(); ++i) step();
    for (int i = 0; i < 1200 && journal_.failure().empty(); ++i) step();
    if (!journal_.failure().empty()) return;
    if (!sender_->idle()) journal_.fail("a send finds no answer");
    for (const auto& device : devices_) {
      if (!device->connected() || !device->ready()) journal_.fail("a device finds no way in");
    }
    for (const auto& user : users_) {
      if (!user->idle()) journal_.fail("a letter finds no answer");
      user->check();
    }
    if (cluster_ != nullptr) {
      if (const std::string wrong = cluster_->check(); !wrong.empty()) journal_.fail(wrong);
    }
    for (const middle::FeedId& feed : journal_.feeds()) audit(feed);
    journal_.check(world_.now(), world_.clock().now());
    for (auto& device : devices_) device->settle_cursors();
    check_traces();
    check_registrations();
  }

  // Asks until there is an answer other than "try again": a partition that nobody used for a while
  // notices only now that an intruder had it.
  template <typename T, typename Ask>
  Result<T> settle(Ask ask) {
    std::optional<Result<T>> answer;
    for (int tries = 0; tries < 50; ++tries) {
      answer.reset();
      ask(Callback<T>([&](Result<T> reply) { answer.emplace(std::move(reply)); }));
      const SimTime until = world_.now() + kPatience;
      while (!answer && world_.now() < until) world_.run_for(milliseconds(5));
      if (!answer) break;
      if (answer->ok() || !may_retry(answer->error())) return std::move(*answer);
      world_.run_for(milliseconds(200));
    }
    const std::string last = answer ? answer->error().message : "silence";
    return Error{ErrorCode::kInternal, "no answer, though all is well: " + last};
  }

  // Reads a feed from its beginning: what is there must be what the sessions were shown.
  void audit(const middle::FeedId& feed) {
    middle::FeedNumber after = 0;
    for (bool more = true; more && journal_.failure().empty();) {
      auto page = settle<middle::FeedPage>([&](Callback<middle::FeedPage> done) {
        server()->http().read_feed({feed, after}, std::move(done));
      });
      if (!page.ok())
        return journal_.fail("cannot read " + feed.value() + ": " + page.error().message);
      for (const middle::EntryPtr& entry : page->entries) {
        if (after > 0 && entry->number != after + 1) journal_.fail("a gap in " + feed.value());
        journal_.saw_entry(feed, *entry);
        after = entry->number;
      }
      more = !page->entries.empty() && after < page->tail;
    }
  }

  void check_traces() {
    for (const SendRecord& send : journal_.sends()) {
      if (!send.answered || !journal_.failure().empty()) continue;
      auto reply = settle<middle::TraceReply>([&](Callback<middle::TraceReply> done) {
        server()->http().trace(send.id, std::move(done));
      });
      if (!reply.ok())
        return journal_.fail("no trace of " + send.body + ": " + reply.error().message);
      journal_.check_trace(send, *reply);
    }
  }

  void check_registrations() {
    for (const middle::RegId& id : registrations()) {
      auto view = settle<middle::RegistrationView>([&](Callback<middle::RegistrationView> done) {
        server()->http().show_registration(id, std::move(done));
      });
      if (!view.ok()) return journal_.fail("a registration is gone: " + id.value());
      for (const auto& feed : view->feeds) journal_.cursor_shown({id, feed.feed}, feed.cursor);
    }
  }

  SimWorld world_;
  const bool clustered_;
  const std::unique_ptr<SimSpoiler> spoiler_;  // null: nothing is planted between hosts
  const bool sessions_not_told_;
  std::unique_ptr<SimExecutor> spare_ = world_.make_executor();
  SimStorage storage_;
  SimRedis redis_;
  SimNetwork network_;
  SimGround ground_;
  Journal journal_;
  Trouble trouble_;
  std::unique_ptr<SimProcess> process_;  // null: it died, or this is
  std::unique_ptr<SimCluster> cluster_;  // … a cluster
  std::vector<std::unique_ptr<SimDevice>> devices_;
  std::vector<std::unique_ptr<SimUser>> users_;
  std::unique_ptr<SimSender> sender_;
  SimTime restart_at_{};
  std::uint64_t crashes_ = 0;
  int processes_ = 0;
};

}  // namespace

SimResult run_sim(std::uint64_t seed, Planted planted, bool loud) {
  return Run(seed, planted, loud).go();
}

}  // namespace longwire::sim
