#pragma once

// SimCluster: several middle nodes over one storage, front ends and the loop of an HTTP front,
// which outlive them, and what happens to all of these: nodes die, sleep past their leases, leave
// and join, lose sight of the members; connections break, stall, and hosts are cut off.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/sim_node.h"

namespace longwire::sim {

// What is broken on purpose between the hosts.
struct SimClusterPlanted {
  SimSpoiler* spoiler = nullptr;
  bool sessions_not_told = false;
};

// Loop-bound to the simulation.
class SimCluster final : public SimServer {
 public:
  // `http_lost` is told when the HTTP front restarts: its calls find no answer.
  SimCluster(SimGround& ground, const SimClusterPlanted& planted, std::function<void()> http_lost);
  ~SimCluster() override;

  bool serving() const override { return true; }  // somebody comes, or the caller waits
  std::vector<std::unique_ptr<SimFrontEnd>>& front_ends() override { return front_ends_; }
  middle::Service& http() override { return *http_.service; }

  // A node serves.
  bool up() const;
  // Draws which kinds of trouble there will be.
  void draw_faults();
  // A moment's trouble, as drawn.
  void trouble();
  // What goes on by itself: leases end, nodes are started again.
  void step();
  // No more trouble; what there was comes to its end.
  void calm();
  // Empty: each partition is served by one node that lives, and no call waits.
  std::string check();
  std::uint64_t crashes() const { return crashes_; }

 private:
  // A place for a node, with one address, whoever lives there.
  struct Place {
    HostName address;
    std::unique_ptr<SimNode> node;         // null: none lives
    SimTime start_at{};                    // the next one
    std::optional<SimTime> wake_at;        // sleeping until then
    std::optional<SimTime> lease_ends;     // its members see it no more
    std::optional<SimTime> reconnects_at;  // it sees no members until then
    int lives = 0;
  };
  struct Trouble {
    double crash = 0;
    double crash_all = 0;
    double pause = 0;
    double leave = 0;
    double blind = 0;      // a node, of the members
    double blind_all = 0;  // the members themselves are away
    double front_end = 0;
    double http = 0;
    double broken = 0;
    double stalled = 0;
    double blocked = 0;
    double late = 0;
    double directory = 0;
  };

  SimRandom& luck() { return ground_.world.random(); }
  SimTime now() const { return ground_.world.now(); }
  SimTime in(std::uint64_t ms_min, std::uint64_t ms_max) {
    return now() + SimTime(luck().between(ms_min, ms_max));
  }
  template <typename Predicate>
  Place* draw_place(Predicate wanted);
  void start(Place& place);
  void crash(Place& place);
  void bury(Place& place);
  void pause(Place& place);
  void wake(Place& place);
  void blind(Place& place);
  void blind_all();
  void see_all();
  void step(Place& place);
  void trouble_of_nodes();
  void trouble_of_wires();
  void block_some();
  void connect(std::size_t front_end);
  void restart_front_end();
  void connect_http();
  middle::MiddleLink link(const HostName& host, Executor& loop, middle::NodeId node,
                          middle::FrontEnd* front_end);
  std::vector<bool> served_by(SimNode& node);

  SimGround& ground_;
  SimWires wires_;
  SimClusterGround cluster_;
  const SimClusterPlanted planted_;
  const std::function<void()> http_lost_;
  Trouble trouble_;
  std::vector<Place> places_;
  std::vector<std::unique_ptr<SimFrontEnd>> front_ends_;
  std::unique_ptr<SimExecutor> http_loop_;
  std::unique_ptr<SimExecutor> spare_;
  std::vector<std::unique_ptr<middle::cluster::Dialer>> dialers_;  // of front ends, dead ones too
  middle::MiddleLink http_;
  std::optional<SimTime> all_see_at_;
  std::uint64_t crashes_ = 0;
  int lives_ = 0;  // of front ends
};

}  // namespace longwire::sim
