#pragma once

// SimSender: app servers. Each send carries an id of its own in its body; what is not answered is
// repeated with the same idempotency key where it has one.

#include <map>
#include <string>
#include <vector>

#include "tests/sim/journal.h"
#include "tests/sim/sim_front_end.h"

namespace longwire::sim {

// Loop-bound to the simulation.
class SimSender final {
 public:
  SimSender(SimGround& ground, Journal& journal, middle::App app)
      : ground_(ground), journal_(journal), app_(std::move(app)) {}

  // Begins a send to a target drawn from what there is.
  void begin(const std::vector<middle::RegId>& registrations, std::size_t devices);
  // Repeats what is due; `server` may be null.
  void step(SimServer* server);
  // The process died: what was under way is of unknown outcome.
  void process_lost();
  bool idle() const { return open_.empty(); }
  // No more sends or recalls are given up or begun: only what is open is finished.
  void finish() { finishing_ = true; }

 private:
  struct Open {
    bool recall = false;
    bool under_way = false;
    bool unknown = false;  // some attempt may have been taken
    int attempts = 0;
    SimTime due{};
  };
  using Key = std::pair<std::size_t, bool>;  // index in the journal, recall

  middle::SendRequest draw(const std::vector<middle::RegId>& registrations, std::size_t devices);
  void attempt(SimServer& server, std::size_t index);
  void attempt_recall(SimServer& server, std::size_t index);
  void answered(std::size_t index, Result<middle::SendReply> reply);
  void recalled(std::size_t index, Status status);
  bool again(Open& open, const Error& error, bool safe);
  std::string pick(const char* prefix, std::uint64_t count);

  SimGround& ground_;
  Journal& journal_;
  middle::App app_;
  std::map<Key, Open> open_;
  std::uint64_t life_ = 0;
  bool finishing_ = false;
};

}  // namespace longwire::sim
