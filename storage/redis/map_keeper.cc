#include "storage/redis/map_keeper.h"

#include <utility>

namespace longwire::storage::redis {
namespace {

// Between two maps, in times of Options::backoff_min: a cluster that is failing over answers each
// command of a dead master with a reason to ask, and takes seconds.
constexpr int kPause = 2;

}  // namespace

bool MapKeeper::want() {
  // A server alone has all slots, whatever becomes of it; were it made a cluster, it would say so
  // by MOVED.
  if (known_ && !clustered_ && nodes_.size() == 1) return false;
  wanted_ = true;
  if (asking_) return true;
  if (parts_.loop.turn_time() < not_before_) return false;
  Node* const node = nodes_.any_node();
  if (node == nullptr) return false;
  asking_ = true;
  // The node itself may be gone by the time it ought to answer.
  user_.ask(*node, {.words = {"CLUSTER", "SLOTS"}, .key = std::nullopt},
            [this, address = node->address()](Result<Reply> reply) {
              on_reply(address, std::move(reply));
            });
  // It may have failed already, and the next ones too.
  return asking_;
}

void MapKeeper::on_reply(const net::Address& asked, Result<Reply> reply) {
  asking_ = false;
  const auto map = read(asked, reply);
  if (!map.ok()) {
    on_failure(asked, map.error());
    return;
  }
  nodes_.install(*map);
  known_ = true;
  clustered_ = map->clustered;
  wanted_ = false;
  trouble_.clear();
  pause();
  user_.on_map_settled();
}

Result<SlotMap> MapKeeper::read(const net::Address& asked, const Result<Reply>& reply) const {
  if (!reply.ok()) return reply.error();
  auto map = parse_slot_map(*reply, asked);
  if (map.ok() || map.error().code != ErrorCode::kUnsupported) return map;
  if (parts_.options.nodes.size() == 1) return single_node_map(asked);
  // Keys would lie with one of them, then with another: two truths in a cache are worse than none.
  return Error{ErrorCode::kUnsupported,
               asked.to_string() + " is no part of a cluster: redis.nodes may name it alone"};
}

void MapKeeper::on_failure(const net::Address& asked, const Error& why) {
  const std::string trouble = asked.to_string() + ": " + why.message;
  // A node that is down has a line already.
  const bool is_answer = why.code == ErrorCode::kUnsupported || why.code == ErrorCode::kCorrupt;
  if (is_answer && trouble != trouble_) parts_.log.warn("no_slot_map", {{"error", trouble}});
  trouble_ = trouble;
  if (++failures_ < nodes_.size() && want()) return;
  pause();
  user_.on_map_settled();
}

void MapKeeper::pause() {
  failures_ = 0;
  not_before_ = parts_.loop.turn_time() +
                shortened_by_luck(kPause * parts_.options.backoff_min, parts_.random);
}

}  // namespace longwire::storage::redis
