#include "tests/sim/sim_cluster.h"

#include <algorithm>
#include <utility>

#include "middle/cluster/cluster_link.h"

namespace longwire::sim {

using middle::NodeId;
using middle::PartitionClaim;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kFrontEnds = 2;
constexpr const char* kHttpHost = "http";
constexpr milliseconds kProbe(50);

HostName front_host(std::size_t index) { return "front" + std::to_string(index); }

// Who only wants to hear who owns what.
struct Probe final : middle::FrontEnd {
  void on_stanza(middle::RoutedStanza) override {}
  void on_session_closed(middle::SessionClosed) override {}
  void on_receiver_gone(middle::ReceiverGone) override {}
  void on_registration_changed(middle::RegistrationChanged) override {}
};

}  // namespace

SimCluster::SimCluster(SimGround& ground, const SimClusterPlanted& planted,
                       std::function<void()> http_lost)
    : ground_(ground),
      wires_(ground.world, ground.storage.info().partitions),
      cluster_{ground, wires_, std::make_shared<storage::InMemoryMembers>()},
      planted_(planted),
      http_lost_(std::move(http_lost)),
      places_(luck().between(2, 4)),
      http_loop_(ground.world.make_executor(kHttpHost)),
      spare_(ground.world.make_executor()) {
  wires_.plant(planted.spoiler);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    places_[i].address = "node" + std::to_string(i);
    // One is there, others may come later.
    if (i == 0 || luck().chance(0.8))
      start(places_[i]);
    else
      places_[i].start_at = in(1000, 15'000);
  }
  for (std::size_t i = 0; i < kFrontEnds; ++i) {
    front_ends_.push_back(std::make_unique<SimFrontEnd>(ground, front_host(i)));
    if (planted.sessions_not_told) front_ends_.back()->keep_to_itself();
    connect(i);
  }
  connect_http();
}

SimCluster::~SimCluster() {
  front_ends_.clear();
  http_ = {};
  for (Place& place : places_) place.node.reset();
  http_loop_->kill();
  spare_->kill();
  ground_.graveyard.push_back(std::move(http_loop_));
  ground_.graveyard.push_back(std::move(spare_));
}

bool SimCluster::up() const {
  return std::any_of(places_.begin(), places_.end(), [](const Place& place) {
    return place.node != nullptr && place.node->serving();
  });
}

// ---- who is not a node -------------------------------------------------------------------------

middle::MiddleLink SimCluster::link(const HostName& host, Executor& loop, NodeId node,
                                    middle::FrontEnd* front_end) {
  dialers_.push_back(wires_.dialer(host, loop));
  std::vector<middle::cluster::NodeAddress> seeds;
  for (const Place& place : places_) seeds.push_back(place.address);
  return middle::cluster::make_cluster_link(ground_.world.environment(loop),
                                            {.node = std::move(node),
                                             .seeds = std::move(seeds),
                                             .dialer = *dialers_.back(),
                                             .front_end = front_end,
                                             .partitions = ground_.storage.info().partitions});
}

void SimCluster::connect(std::size_t front_end) {
  const HostName host = front_host(front_end);
  front_ends_[front_end]->connect(NodeId("life" + std::to_string(++lives_) + "/" + host),
                                  [&](Executor& loop, NodeId node, middle::FrontEnd* end) {
                                    return link(host, loop, std::move(node), end);
                                  });
}

void SimCluster::restart_front_end() {
  ground_.world.tell("a front end restarts", "");
  const std::size_t index = luck().between(0, front_ends_.size() - 1);
  if (luck().chance(0.3)) wires_.close(front_host(index), SimWires::Ending::kMachine);
  front_ends_[index]->disconnect();
  connect(index);
}

void SimCluster::connect_http() {
  ground_.world.tell("an HTTP front starts", "");
  const NodeId node("life" + std::to_string(++lives_) + "/" + kHttpHost);
  http_ = link(kHttpHost, *http_loop_, node, nullptr);
}

// ---- nodes -------------------------------------------------------------------------------------

template <typename Predicate>
SimCluster::Place* SimCluster::draw_place(Predicate wanted) {
  std::vector<Place*> found;
  for (Place& place : places_) {
    if (wanted(place)) found.push_back(&place);
  }
  return found.empty() ? nullptr : found[luck().between(0, found.size() - 1)];
}

void SimCluster::start(Place& place) {
  ground_.world.tell("starts", place.address);
  place.lease_ends = place.reconnects_at = place.wake_at = std::nullopt;
  cluster_.members->reconnect(place.address);
  place.node = std::make_unique<SimNode>(cluster_, place.address,
                                         place.address + "." + std::to_string(++place.lives));
  place.node->directory().set_refused(trouble_.directory);
}

// Its lease goes on, as nobody ends it.
void SimCluster::bury(Place& place) {
  ground_.world.tell("ended", place.address);
  cluster_.members->cut_off(place.address);
  place.node.reset();
  place.wake_at = place.reconnects_at = std::nullopt;
  if (!place.lease_ends) place.lease_ends = in(1000, 4000);
  place.start_at = in(100, 8000);
}

void SimCluster::crash(Place& place) {
  if (place.node == nullptr) return;
  ++crashes_;
  if (luck().chance(0.3)) place.node->ends_by(SimWires::Ending::kMachine);
  bury(place);
}

// Past the end of its lease, or not.
void SimCluster::pause(Place& place) {
  ground_.world.tell("sleeps", place.address);
  place.node->pause();
  cluster_.members->cut_off(place.address);
  if (!place.lease_ends) place.lease_ends = in(1000, 4000);
  place.wake_at = in(50, 8000);
}

// That its lease is over it learns a while later.
void SimCluster::wake(Place& place) {
  ground_.world.tell("wakes", place.address);
  place.wake_at.reset();
  place.node->wake();
  place.reconnects_at = in(0, 1500);
}

void SimCluster::blind(Place& place) {
  ground_.world.tell("sees no members", place.address);
  cluster_.members->cut_off(place.address);
  if (luck().chance(0.6) && !place.lease_ends) place.lease_ends = in(1000, 4000);
  place.reconnects_at = in(200, 8000);
}

// No lease ends meanwhile.
void SimCluster::blind_all() {
  ground_.world.tell("no members for anybody", "");
  cluster_.members->cut_off_all();
  all_see_at_ = in(200, 8000);
}

void SimCluster::see_all() {
  ground_.world.tell("members again", "");
  all_see_at_.reset();
  cluster_.members->reconnect_all();
}

void SimCluster::step(Place& place) {
  if (place.lease_ends && *place.lease_ends <= now() && !all_see_at_) {
    place.lease_ends.reset();
    cluster_.members->expire(place.address);
  }
  if (place.node == nullptr) {
    if (place.start_at <= now()) start(place);
    return;
  }
  if (place.node->failed() || place.node->left()) return bury(place);
  if (place.wake_at && *place.wake_at <= now()) wake(place);
  if (place.reconnects_at && *place.reconnects_at <= now()) {
    place.reconnects_at = place.lease_ends = std::nullopt;
    cluster_.members->reconnect(place.address);
  }
}

void SimCluster::step() {
  if (all_see_at_ && *all_see_at_ <= now()) see_all();
  for (Place& place : places_) step(place);
}

// ---- trouble -----------------------------------------------------------------------------------

void SimCluster::draw_faults() {
  auto maybe = [&](double most) { return luck().chance(0.4) ? most : 0.0; };
  trouble_.crash = maybe(0.006);
  trouble_.crash_all = maybe(0.001);
  trouble_.pause = maybe(0.01);
  trouble_.leave = maybe(0.006);
  trouble_.blind = maybe(0.01);
  trouble_.blind_all = maybe(0.002);
  trouble_.front_end = maybe(0.005);
  trouble_.http = maybe(0.003);
  trouble_.broken = maybe(0.02);
  trouble_.stalled = maybe(0.02);
  trouble_.blocked = maybe(0.005);
  trouble_.late = maybe(0.05);
  trouble_.directory = maybe(0.1);
  wires_.set_late(trouble_.late);
  for (Place& place : places_) {
    if (place.node != nullptr) place.node->directory().set_refused(trouble_.directory);
  }
}

void SimCluster::trouble() {
  trouble_of_nodes();
  trouble_of_wires();
  if (luck().chance(trouble_.front_end)) restart_front_end();
  if (luck().chance(trouble_.http)) {
    http_ = {};
    connect_http();
    http_lost_();
  }
}

void SimCluster::trouble_of_nodes() {
  const auto lives = [](const Place& place) { return place.node != nullptr; };
  const auto awake = [](const Place& place) {
    return place.node != nullptr && !place.node->paused();
  };
  const auto seeing = [&](const Place& place) { return awake(place) && !place.reconnects_at; };
  const auto stays = [&](const Place& place) { return seeing(place) && !place.node->leaving(); };
  if (luck().chance(trouble_.crash)) {
    for (std::uint64_t several = luck().chance(0.2) ? 2 : 1; several > 0; --several) {
      if (Place* place = draw_place(lives)) crash(*place);
    }
  }
  if (luck().chance(trouble_.crash_all)) {
    for (Place& place : places_) crash(place);
  }
  if (luck().chance(trouble_.pause)) {
    if (Place* place = draw_place(awake)) pause(*place);
  }
  if (luck().chance(trouble_.leave)) {
    if (Place* place = draw_place(stays)) place->node->leave();
  }
  if (luck().chance(trouble_.blind)) {
    if (Place* place = draw_place(seeing)) blind(*place);
  }
  if (luck().chance(trouble_.blind_all) && !all_see_at_) blind_all();
}

void SimCluster::trouble_of_wires() {
  if (luck().chance(trouble_.broken)) wires_.break_one();
  if (luck().chance(trouble_.stalled)) wires_.stall_one(milliseconds(luck().between(100, 8000)));
  if (luck().chance(trouble_.blocked)) block_some();
}

// One host from all, or two from each other; one way, or both.
void SimCluster::block_some() {
  std::vector<HostName> hosts = {kHttpHost};
  for (std::size_t i = 0; i < front_ends_.size(); ++i) hosts.push_back(front_host(i));
  for (const Place& place : places_) hosts.push_back(place.address);
  const HostName one = hosts[luck().between(0, hosts.size() - 1)];
  const HostName other = hosts[luck().between(0, hosts.size() - 1)];
  const bool from_all = luck().chance(0.4);
  const std::uint64_t ways = luck().between(1, 3);
  const milliseconds time(luck().between(100, 10'000));
  for (const HostName& host : hosts) {
    if (host == one || (!from_all && host != other)) continue;
    if ((ways & 1U) != 0) wires_.block(one, host, time);
    if ((ways & 2U) != 0) wires_.block(host, one, time);
  }
}

void SimCluster::calm() {
  ground_.world.tell("calm", "");
  trouble_ = {};
  wires_.set_late(0);
  if (all_see_at_) all_see_at_ = now();
  for (Place& place : places_) {
    place.start_at = std::min(place.start_at, now());
    if (place.wake_at) place.wake_at = now();
    if (place.node != nullptr) place.node->directory().set_refused(0);
  }
}

// ---- at the end --------------------------------------------------------------------------------

std::vector<bool> SimCluster::served_by(SimNode& node) {
  Probe probe;
  std::vector<bool> served(ground_.storage.info().partitions);
  const auto link =
      node.middle().connect_node(*spare_, NodeId("probe"),
                                 {.front_end = probe,
                                  .streams = [](const middle::StreamMessage&) {},
                                  .owners =
                                      [&](const middle::OwnerView& view) {
                                        for (const PartitionClaim& claim : view.claims)
                                          served[claim.partition] = claim.served;
                                      }});
  ground_.world.run_for(kProbe);
  return served;
}

std::string SimCluster::check() {
  std::vector<int> owners(ground_.storage.info().partitions);
  for (Place& place : places_) {
    if (place.node == nullptr || !place.node->serving()) return place.address + " does not serve";
    const std::vector<bool> served = served_by(*place.node);
    for (std::size_t partition = 0; partition < owners.size(); ++partition)
      owners[partition] += served[partition] ? 1 : 0;
  }
  for (std::size_t partition = 0; partition < owners.size(); ++partition) {
    if (owners[partition] == 1) continue;
    return "partition " + std::to_string(partition) + " has " + std::to_string(owners[partition]) +
           " owners";
  }
  for (const auto& front_end : front_ends_) {
    if (front_end->unanswered() > 0) return "a call of a front end finds no answer";
  }
  return {};
}

}  // namespace longwire::sim
