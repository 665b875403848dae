#pragma once

// SimNetwork: a FeedCarrier that loses, doubles, delays and reorders while it is told to.

#include "middle/route/local_feed_link.h"
#include "tests/sim/sim_world.h"

namespace longwire::sim {

// Loop-bound to the simulation.
class SimNetwork final : public middle::FeedCarrier {
 public:
  explicit SimNetwork(SimWorld& world) : world_(world) {}

  struct Faults {
    double drop = 0;
    double twice = 0;
    double delay = 0;  // by up to 200 ms
  };
  void set_faults(const Faults& faults) { faults_ = faults; }
  // Planted: answers to follows say that nothing older than the tail is kept, now and then.
  void lose_catch_up(bool on) { lose_catch_up_ = on; }

  void carry(Executor& to, std::function<void()> deliver) override;
  void look(middle::StreamMessage& message) override;

 private:
  void deliver_once(Executor& to, const std::function<void()>& deliver);

  SimWorld& world_;
  Faults faults_;
  bool lose_catch_up_ = false;
};

}  // namespace longwire::sim
