#pragma once

// PairRules: what the keeper of a pair does next, decided from what it sees of both servers. No
// connection, no clock, no thread: docs/decisions/mysql-pair.md has the reasoning, and each rule
// here is a line there. Private to this folder.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "storage/mysql/gtid.h"

namespace longwire::storage::mysql {

// The one row of `pair_state`, on both servers; it is replicated like every other.
struct PairRecord {
  std::uint64_t epoch = 0;   // raised by each change
  std::uint64_t holder = 0;  // the server_id of the server that is written to
  // true: what the holder answers counts although the other may not have it, and the other must not
  // take over. false: an answer counts once the other has it, and the other may.
  bool alone = true;
  Bytes keeper;            // the process that may change this record; empty: none
  std::uint64_t beat = 0;  // raised by the keeper while it lives

  bool same_as(const PairRecord& other) const {
    return epoch == other.epoch && holder == other.holder && alone == other.alone &&
           keeper == other.keeper;
  }
};

struct ServerSeen {
  std::uint64_t connection = 0;  // another number: the server may have been started anew since
  std::uint64_t server_id = 0;
  std::uint64_t domain = 0;  // of what it commits itself
  bool read_only = true;
  bool in_sync = false;             // its last commit is with the other (semi-sync is on)
  std::uint64_t acknowledgers = 0;  // connected replicas that acknowledge
  bool receives = false;            // takes in what the other commits
  bool applies = false;             // and applies it
  GtidPosition position;            // what it has committed
  GtidPosition received;            // and what it has received of the other and not lost since
  std::optional<PairRecord> record;
};

// By the order in the configuration. Empty: it does not answer.
using PairSeen = std::array<std::optional<ServerSeen>, 2>;

enum class PairAct {
  kWait,     // nothing to do, or nothing that may be done
  kTake,     // become the keeper
  kReopen,   // the holder was started anew: let it be written to, and not follow
  kGoAlone,  // the other does not acknowledge: answer without it from now on
  kFence,    // the other can be written to: end that
  kFollow,   // the other does not follow the holder: let it
  kPair,     // the other follows: no answer without it from now on
  kProve,    // make sure that the other has everything and has not been started anew since
  kPromote,  // the holder is away: the other takes over
};

struct PairStep {
  PairAct act = PairAct::kWait;
  // Why nothing, or no more, can be done: a sentence for the operator. Null: all is well.
  const char* trouble = nullptr;
};

// Used by one thread.
class PairRules final {
 public:
  struct Limits {
    std::chrono::milliseconds failover_after{0};
    std::chrono::milliseconds lease{0};  // how long a keeper may be silent
  };
  PairRules(Bytes me, Limits limits) : me_(std::move(me)), limits_(limits) {}

  PairStep next(const PairSeen& seen, MonotonicTime now);

  // What became of a step.
  void changed(const PairRecord& record);  // we are the keeper, and this is the record now
  void proven(std::uint64_t connection);   // the other has everything; it stays so while this
                                           // connection lives
  void unproven() { proven_.reset(); }
  void unsure(std::size_t server) { unsure_ = server; }  // nobody answered whether it was changed

  const Bytes& me() const { return me_; }
  bool keeps() const { return keeps_; }
  const std::optional<PairRecord>& record() const { return record_; }
  // Which one is written to. Empty: not known.
  std::optional<std::size_t> holder() const;
  std::optional<std::size_t> unsure() const { return unsure_; }

 private:
  void learn(const PairSeen& seen, MonotonicTime now);
  PairStep as_keeper(const PairSeen& seen, std::size_t holder, MonotonicTime now);
  PairStep holder_away(const PairSeen& seen, std::size_t other, MonotonicTime now);
  PairStep alone(const ServerSeen& holder, const std::optional<ServerSeen>& other);
  PairStep together(const ServerSeen& holder, const std::optional<ServerSeen>& other);
  PairStep as_anyone(const PairSeen& seen, std::size_t holder, MonotonicTime now);

  const Bytes me_;
  const Limits limits_;
  std::array<std::uint64_t, 2> ids_{};  // server_id; 0: not known
  std::optional<PairRecord> record_;    // the newest seen
  bool keeps_ = false;
  bool may_take_at_once_ = true;  // a process that starts does not wait for the lease to end
  std::optional<std::uint64_t> proven_;
  std::optional<std::size_t> unsure_;
  std::optional<MonotonicTime> away_since_;
  std::uint64_t beat_ = 0;
  MonotonicTime beat_seen_{0};
};

}  // namespace longwire::storage::mysql
