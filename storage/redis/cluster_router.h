#pragma once

// ClusterRouter: see router.h. Private to this folder.

#include <memory>
#include <vector>

#include "storage/redis/call_table.h"
#include "storage/redis/map_keeper.h"
#include "storage/redis/node_set.h"
#include "storage/redis/redirect.h"
#include "storage/redis/router.h"

namespace longwire::storage::redis {

// Loop-bound.
class ClusterRouter final : public Router, private NodeUser, private MapKeeperUser {
 public:
  ClusterRouter(const Options& options, const std::vector<net::Address>& seeds, net::Loop& loop,
                const Environment& environment);
  ~ClusterRouter() override;

  void send(Command command, Callback<Reply> done) override;

 private:
  // NodeUser.
  void on_answer(Node& node, Call& call, Reply&& reply) override;
  void on_unsent(Call& call, const Error& why) override;
  void on_lost(Call& call, const Error& why) override;
  void on_down(Node& node) override;
  void on_wants_flush() override;
  // MapKeeperUser.
  void ask(Node& node, Command command, Callback<Reply> done) override;
  void on_map_settled() override;

  Call& add_call(Command&& command, Callback<Reply>&& done);
  // The ways of a call: to its node, to a node, to wait, to try again; and its two ends.
  void route(Call& call);
  void give(Call& call, Node* node);
  void park(Call& call, std::chrono::milliseconds pause);
  bool follow(Node& node, Call& call, const Reply::Failure& failure);
  void follow_to(Node* node, Call& call, const Redirect& redirect);
  void fail(Call& call, Error error);
  void tell_failure(Callback<Reply> done, Error error);
  bool may_hop(Call& call);

  void publish();
  void begin_sweeps();
  void sweep();
  void expire(Call& call);
  void resume();

  const Options options_;
  net::Loop& loop_;
  Random& random_;
  const Logger log_;
  RouterMetrics metrics_;
  CallTable calls_;
  NodeSet nodes_;
  MapKeeper map_;
  std::vector<Call*> parked_;  // wait for a time, or for the map
  // Not yet in metrics_: told once a turn, as each telling costs as much as a slot's hash.
  std::uint64_t commands_untold_ = 0;
  std::int64_t in_flight_told_ = 0;
  TimerId sweep_timer_ = TimerId::kNone;
  bool flush_is_due_ = false;
  bool stopping_ = false;
  // Shared with the task at the end of a turn, which cannot be called off: gone when we are.
  const std::shared_ptr<ClusterRouter*> self_ = std::make_shared<ClusterRouter*>(this);
};

}  // namespace longwire::storage::redis
