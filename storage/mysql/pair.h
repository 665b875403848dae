#pragma once

// Pair: two masters of which one is written to. A thread of its own watches both, and, where this
// process keeps the pair, does what PairRules says; sessions ask it where to go. Which one that is,
// and why no answer that was given is lost: docs/decisions/mysql-pair.md. Private to this folder.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "storage/mysql/health.h"
#include "storage/mysql/metrics.h"
#include "storage/mysql/pair_rules.h"
#include "storage/mysql/pair_server.h"
#include "storage/mysql/stop_signal.h"

namespace longwire::storage::mysql {

struct PairParts {
  const Options& options;
  const std::vector<std::unique_ptr<Health>>& servers;  // two
  const Clock& clock;
  Bytes me;
  LogSink& log;
  CallMetrics& metrics;
};

// Thread-safe.
class Pair final {
 public:
  // Starts the thread. All that is given by reference outlives it.
  explicit Pair(PairParts parts);
  ~Pair();
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  // Waits until the server that is written to is known, and open; a pair that never had one begins
  // with its first. kUnavailable: not within options.pair_open_timeout; the text says why.
  Status wait_until_open();

  // Which server to go to, 0 or 1. Empty: nobody knows.
  std::optional<std::size_t> holder() const { return state_.lock()->holder; }

 private:
  struct State {
    std::optional<std::size_t> holder;
    bool open = false;
    std::string trouble = "neither server has answered yet";
  };

  void watch();
  void tick();
  PairSeen look_at_both();
  std::optional<ServerSeen> look_at(std::size_t server);
  void act(PairAct what, const PairSeen& seen);
  void tell(const std::string& trouble);
  std::string refusals_text() const;

  Status begin(const PairSeen& seen);
  void take(std::size_t holder);
  void reopen(std::size_t holder);
  void go_alone(std::size_t holder);
  void follow(std::size_t other);
  void pair_up(std::size_t holder);
  void prove(std::size_t holder);
  void promote(std::size_t other, std::uint64_t connection);
  Status take_over(std::size_t other, std::uint64_t connection);
  void change(std::size_t server, const PairRecord& to);
  // The connection to the other server, on which that has all that the holder has committed.
  std::optional<std::uint64_t> wait_until_whole(std::size_t holder);
  // The record as it is, kept by us.
  PairRecord next_record() const;

  const PairParts parts_;
  const Logger log_;
  std::array<PairServer, 2> servers_;
  std::array<std::uint64_t, 2> domains_{};  // 0: not known
  std::array<std::string, 2> refusals_;     // why the last look at a server failed
  PairRules rules_;
  std::string told_;
  Guarded<State> state_;
  std::condition_variable changed_;
  StopSignal stop_;
  std::thread thread_;  // last: it starts when all else is there
};

}  // namespace longwire::storage::mysql
