#pragma once

// InterestTable: which front ends follow which feeds of one partition, and what they are told.
//
// An entry is sent once to each interested node, whatever the number of its devices, in one message
// per node and turn of the loop. Everything here is soft: a lost table is asked for anew.
//
// The partition calls published() after each commit's answer, with entries that a read begun now
// would find. A follow is answered through `read`, begun after the interest is in force: nothing
// falls between.
//
// Limits: see Options; a node that does not take its stream is cut off and will ask again.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/environment.h"
#include "middle/route/feed_stream.h"
#include "middle/service.h"

namespace longwire::middle {

// Loop-bound to the partition's executor.
class InterestTable final {
 public:
  // Reads committed entries; the callback runs on the partition's executor, later.
  using Read = std::function<void(ReadRequest, Callback<FeedPage>)>;

  struct Options {
    std::size_t nodes_max = 1024;
    std::size_t feeds_per_node_max = 200'000;
    std::size_t items_untaken_max = 16'384;  // sent, not yet confirmed by the node
    // Of all partitions together less than a connection may hold unsent.
    std::size_t bytes_untaken_max = 4 * 1024 * 1024;
    std::size_t reads_max = 64;  // under way for answers; the rest waits its turn
    std::size_t reads_waiting_max = 400'000;
    std::size_t answer_entries_max = 64;
    std::size_t answer_bytes_max = 256 * 1024;
    std::chrono::milliseconds lease = std::chrono::seconds(30);  // a node silent so long is gone
  };

  // `out` and everything in `environment` outlive the table.
  InterestTable(PartitionId partition, Environment environment, StreamSink& out, Read read);
  InterestTable(PartitionId partition, Environment environment, StreamSink& out, Read read,
                Options options);
  ~InterestTable();
  InterestTable(const InterestTable&) = delete;
  InterestTable& operator=(const InterestTable&) = delete;

  void receive(InterestMessage message);

  // Is it worth building entries for published()?
  bool followed(const FeedId& feed) const { return feeds_.contains(feed); }
  // Newly committed entries, in order.
  void published(const FeedId& feed, std::span<const EntryPtr> entries);
  // The feed has a new incarnation: readers start at its oldest.
  void feed_reset(const FeedId& feed, const Incarnation& incarnation);
  void node_gone(const NodeId& node);
  // Ownership is lost or not confirmed: every stream ends, front ends ask again (elsewhere).
  void close_all();

  std::size_t nodes() const { return nodes_.size(); }
  std::size_t feeds() const { return feeds_.size(); }
  // Items sent, or about to be, that their front ends have not confirmed.
  std::size_t untaken() const;

 private:
  struct Node;
  struct PendingRead {
    std::weak_ptr<Node> node;
    StreamId stream = 0;
    FeedId feed;
    FeedNumber after = 0;
  };
  using NodePtr = std::shared_ptr<Node>;  // shared: reads under way outlive a node's stream

  NodePtr open_stream(const InterestMessage& message);
  void take_changes(const NodePtr& node, InterestMessage& message);
  void follow(const NodePtr& node, const InterestChange& change);
  void unfollow(Node& node, const FeedId& feed);
  bool follows(const Node& node, const FeedId& feed) const;
  void start_reads();
  void answer(const PendingRead& pending, Result<FeedPage> page);
  void push(Node& node, StreamItem item);
  void flush();
  void flush_node(Node& node, bool lease);
  void refuse(const NodeId& node, StreamId stream, StreamId above);
  void close(Node& node);
  void forget_interest(Node& node);
  void sweep();

  const PartitionId partition_;
  Environment environment_;
  StreamSink& out_;
  Read read_;
  const Options options_;
  Counter& cut_off_;
  std::unordered_map<NodeId, NodePtr> nodes_;
  std::unordered_map<FeedId, std::vector<Node*>> feeds_;
  std::deque<PendingRead> waiting_reads_;
  std::size_t reads_under_way_ = 0;
  std::uint64_t resets_ = 0;
  std::vector<std::weak_ptr<Node>> to_flush_;
  TimerId sweep_timer_ = TimerId::kNone;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards posted work
};

}  // namespace longwire::middle
