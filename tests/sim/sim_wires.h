#pragma once

// SimWires: connections between the hosts of a cluster: bytes in order, both ways, as TCP carries
// them: late, not for seconds, until the connection breaks. Nothing is lost or doubled while it
// stands; what was on its way when it breaks may have come or not. Each end learns of the break by
// itself, which may take long, or, where a machine is gone, as long as TCP's own patience.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "middle/cluster/dialer.h"
#include "middle/middle.h"
#include "middle/remote/report_board.h"
#include "tests/sim/sim_world.h"

namespace longwire::sim {

using HostName = std::string;

// What is planted between the hosts: it changes frames where they are written.
class SimSpoiler {
 public:
  virtual ~SimSpoiler() = default;
  // One frame, as a dialler or a node writes it. False: it gets lost.
  virtual bool let_through(Bytes& frame) = 0;
};

// Loop-bound to the simulation. Executors outlive what is under way.
class SimWires final {
 public:
  enum class Ending {
    kProcess,  // its system closes its connections
    kMachine,  // nobody does
  };

  // `partitions`: of the storage.
  SimWires(SimWorld& world, std::uint16_t partitions)
      : world_(world), partitions_(partitions), reports_(world.clock()) {}

  // Frames are late with this probability, by up to 200 ms.
  void set_late(double probability) { late_ = probability; }
  // Null: nothing is planted. Outlives this.
  void plant(SimSpoiler* spoiler) { spoiler_ = spoiler; }

  // Who dials `host` comes to `middle`, on its executor.
  void open(const HostName& host, middle::MiddleTier& middle, const Environment& environment);
  // Its process ends: before its middle does.
  void close(const HostName& host, Ending ending);
  // How one of the host's loops reaches others.
  std::unique_ptr<middle::cluster::Dialer> dialer(const HostName& host, Executor& loop);

  // One connection, drawn: it breaks; or one of its ways carries nothing for that long.
  void break_one();
  void stall_one(std::chrono::milliseconds time);
  // Nothing goes from the one to the other for that long.
  void block(const HostName& from, const HostName& to, std::chrono::milliseconds time);

 private:
  struct Line;
  struct Near;
  struct Far;
  struct LineDialer;
  struct Host {
    middle::MiddleTier* middle = nullptr;  // null: nobody listens
    std::unique_ptr<Environment> environment;
    std::uint64_t life = 0;
  };
  struct Chunk {
    enum class Kind { kOpen, kFrame, kEnd };
    Kind kind = Kind::kFrame;
    std::chrono::milliseconds due{};
    Bytes bytes;
  };
  struct Way;
  using LinePtr = std::shared_ptr<Line>;  // shared with what is on its way

  std::unique_ptr<middle::remote::Wire> dial(const HostName& from, Executor& loop,
                                             const HostName& to,
                                             middle::cluster::DialListener& listener);
  void write(const LinePtr& line, bool outwards, BytesView frame);
  void push(const LinePtr& line, bool outwards, Chunk chunk, std::chrono::milliseconds delay);
  void end(const LinePtr& line, bool outwards, std::chrono::milliseconds delay);
  void pump(const LinePtr& line, bool outwards);
  void deliver(const LinePtr& line, bool outwards, Chunk chunk);
  void reach_far(const LinePtr& line, const Chunk& chunk);
  static void end_far(const LinePtr& line);
  static void reach_near(const LinePtr& line, const Chunk& chunk);
  void break_line(const LinePtr& line);
  std::chrono::milliseconds stalled_until(const Way& way) const;
  std::chrono::milliseconds latency();
  std::chrono::milliseconds until_noticed();
  LinePtr draw_line();
  void forget_ended();

  SimWorld& world_;
  const std::uint16_t partitions_;
  middle::remote::ReportBoard reports_;  // of all nodes: nobody asks for them
  SimSpoiler* spoiler_ = nullptr;
  double late_ = 0;
  std::map<HostName, Host> hosts_;
  std::uint64_t lives_ = 0;
  std::vector<LinePtr> lines_;
  std::map<std::pair<HostName, HostName>, std::chrono::milliseconds> blocked_;  // until
};

}  // namespace longwire::sim
