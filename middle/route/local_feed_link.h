#pragma once

// LocalFeedLink: the link between front ends and the partition owners of one process: messages are
// posted to the other side's executor, as they are. A front end elsewhere is attached by whoever
// carries its messages.

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/executor.h"
#include "base/guarded.h"
#include "middle/route/feed_stream.h"
#include "middle/route/follow_hub_impl.h"
#include "middle/route/interest_table.h"

namespace longwire::middle {

// How a message gets to the other executor. Null in production, where it is posted; the simulation
// brings its own, which may call `deliver` never, late, twice, or after later ones.
class FeedCarrier {
 public:
  virtual ~FeedCarrier() = default;
  virtual void carry(Executor& to, std::function<void()> deliver) = 0;
  // Sees each message to a front end before it is carried; a planted fault may spoil it.
  virtual void look(StreamMessage& message) = 0;
};

// Thread-safe where not said otherwise. Outlives its tables and the hubs made by make_hub.
class LocalFeedLink final : public StreamSink {
 public:
  // `owners` is the executor of all partitions. `carrier` may be null.
  LocalFeedLink(Executor& owners, std::uint16_t partitions, FeedCarrier* carrier = nullptr);
  ~LocalFeedLink() override;

  // The table that serves a partition from now on; null: nobody does. On the owners' executor.
  void set_owner(PartitionId partition, InterestTable* table);
  // On the owners' executor (called by tables).
  void to_front_end(const NodeId& node, StreamMessage message) override;

  // A front end's end of the link: what it is told goes to the owners, what they say to `deliver`,
  // on `loop`. Destroyed there, which also tells every partition that the node is gone. A node has
  // one end at a time: the one with the highest turn, or of equals the last. Null: one with a
  // higher turn is there.
  std::unique_ptr<InterestSink> attach(NodeId node, Executor& loop,
                                       std::function<void(StreamMessage)> deliver,
                                       std::uint64_t turn = 0);

  // A hub at such an end, on environment.executor; destroyed there.
  std::unique_ptr<FollowHub> make_hub(NodeId node, Environment environment,
                                      FollowHubImpl::Read read, FollowHubOptions options = {});

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // shared with hubs and with messages under way
};

}  // namespace longwire::middle
