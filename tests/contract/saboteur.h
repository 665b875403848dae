#pragma once

// Saboteur: stands between a store and its gateways, and decides what becomes of each call: held up
// before or after it is carried out, lost on the way there or back, or carried out much later.

#include <condition_variable>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "storage/hbase/gateway_connection.h"

namespace longwire::test {

enum class GatewayCall { kGet, kGetRows, kPutIf, kPutRows, kScan, kOther };

enum class Fate {
  kPass,
  kPauseBefore,  // the caller waits for release(); then the call is made
  kPauseAfter,   // the call is made, its answer waits for release()
  kRefuse,       // HBase answers with an error; the connection stays
  kLoseCall,     // the connection breaks, nothing was done
  kLoseAnswer,   // the connection breaks, it was done
  kLate,         // the connection breaks; the write is done by a later run_one_late()
};

// Thread-safe. Outlives the stores behind it.
class Saboteur final {
 public:
  using Plan = std::function<Fate(GatewayCall)>;

  explicit Saboteur(storage::hbase::ConnectGateway real) : real_(std::move(real)) {}

  storage::hbase::ConnectGateway connect();

  // Asked at each call, one at a time. By default all pass.
  void set_plan(Plan plan);
  // Refuses all writes of rows whose keys begin so, whatever the plan says; empty: none.
  void refuse_rows_under(Bytes prefix);
  // Waits until a call is paused, or `meanwhile()` is true (looked at when it may have changed, by
  // poke()). True: one is paused.
  bool wait_for_pause(const std::function<bool()>& meanwhile);
  void poke();
  // Lets what is paused go on, and all that comes pass.
  void release();
  // Carries out one of the late writes; false: there is none.
  bool run_one_late(std::mt19937& random);

 private:
  friend class SabotagedConnection;
  using Write = std::function<void(storage::hbase::GatewayConnection&)>;
  struct State {
    Plan plan;
    Bytes refused_rows;
    int paused = 0;
    std::uint64_t releases = 0;
    std::vector<Write> late;
  };

  Fate fate_of(GatewayCall call);
  bool refuses(const std::vector<storage::hbase::StoredRow>& rows);
  void pause();
  void add_late(Write write);

  const storage::hbase::ConnectGateway real_;
  Guarded<State> state_;
  std::condition_variable changed_;
};

}  // namespace longwire::test
