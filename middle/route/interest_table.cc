#include "middle/route/interest_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"

namespace longwire::middle {

namespace {

std::size_t size_of(const StreamItem& item) {
  std::size_t size = sizeof(StreamItem) + item.feed.value().size();
  for (const EntryPtr& entry : item.entries) size += sizeof(Entry) + entry->body.size();
  return size;
}

}  // namespace

// One front end's stream. Closed ones stay until their lease is over, so that a late message cannot
// open them again.
struct InterestTable::Node {
  NodeId id;
  StreamId stream = 0;
  OwnerId owner = 0;
  bool open = false;
  StreamNumber changes_taken = 0;
  StreamNumber sent = 0;  // items numbered so far, those in `outgoing` included
  StreamNumber taken = 0;
  std::size_t bytes_sent = 0;
  std::size_t bytes_taken = 0;
  struct Mark {
    StreamNumber number;
    std::size_t bytes;  // sent up to and with that number
  };
  std::deque<Mark> marks;  // one per message sent and not confirmed
  std::vector<StreamItem> outgoing;
  bool flush_queued = false;
  std::size_t follows = 0;
  MonotonicTime heard{};
  std::weak_ptr<Node> self;
};

InterestTable::InterestTable(PartitionId partition, Environment environment, StreamSink& out,
                             Read read)
    : InterestTable(partition, environment, out, std::move(read), Options()) {}

InterestTable::InterestTable(PartitionId partition, Environment environment, StreamSink& out,
                             Read read, Options options)
    : partition_(partition),
      environment_(environment),
      out_(out),
      read_(std::move(read)),
      options_(options),
      cut_off_(environment.metrics.counter(
          "longwire_streams_cut_off_total",
          "Streams to front ends that did not take them: they read what they missed.")) {}

InterestTable::~InterestTable() { environment_.executor.cancel(sweep_timer_); }

void InterestTable::receive(InterestMessage message) {
  if (message.partition != partition_) return refuse(message.node, message.stream, 0);
  auto found = nodes_.find(message.node);
  NodePtr node = found == nodes_.end() ? nullptr : found->second;
  if (node != nullptr && message.stream < node->stream) {
    return refuse(message.node, message.stream, node->stream);
  }
  if (node == nullptr || message.stream > node->stream) {
    node = open_stream(message);
    if (node == nullptr) return refuse(message.node, message.stream, 0);
  }
  if (!node->open) return refuse(message.node, message.stream, 0);
  node->heard = environment_.clock.monotonic();
  take_changes(node, message);
  if (!node->open) return;
  if (message.taken > node->taken && message.taken <= node->sent) node->taken = message.taken;
  while (!node->marks.empty() && node->marks.front().number <= node->taken) {
    node->bytes_taken = node->marks.front().bytes;
    node->marks.pop_front();
  }
  if (message.renew) flush_node(*node, true);
}

InterestTable::NodePtr InterestTable::open_stream(const InterestMessage& message) {
  auto& node = nodes_[message.node];
  if (node != nullptr) forget_interest(*node);
  if (message.first != 1 || (node == nullptr && nodes_.size() > options_.nodes_max)) {
    nodes_.erase(message.node);
    return nullptr;
  }
  node = std::make_shared<Node>();
  node->self = node;
  node->id = message.node;
  node->stream = message.stream;
  node->owner = environment_.random.next_u64() | 1U;
  node->open = true;
  if (sweep_timer_ == TimerId::kNone) {
    sweep_timer_ = environment_.executor.schedule(options_.lease / 2, [this] { sweep(); });
  }
  return node;
}

void InterestTable::take_changes(const NodePtr& node, InterestMessage& message) {
  if (message.first > node->changes_taken + 1) return close(*node);
  std::size_t skip = static_cast<std::size_t>(node->changes_taken + 1 - message.first);
  for (; skip < message.changes.size() && node->open; ++skip) {
    const InterestChange& change = message.changes[skip];
    ++node->changes_taken;
    if (change.follow) {
      follow(node, change);
    } else {
      unfollow(*node, change.feed);
    }
  }
  start_reads();
}

// The interest is in force before the read begins: what is committed in between comes twice rather
// than not at all, and the front end knows the numbers.
void InterestTable::follow(const NodePtr& node, const InterestChange& change) {
  if (node->follows >= options_.feeds_per_node_max ||
      waiting_reads_.size() >= options_.reads_waiting_max) {
    StreamItem later;
    later.kind = StreamItemKind::kAskLater;
    later.feed = change.feed;
    return push(*node, std::move(later));
  }
  if (!follows(*node, change.feed)) {
    feeds_[change.feed].push_back(node.get());
    ++node->follows;
  }
  waiting_reads_.push_back({node, node->stream, change.feed, change.after});
}

void InterestTable::unfollow(Node& node, const FeedId& feed) {
  auto found = feeds_.find(feed);
  if (found == feeds_.end()) return;
  node.follows -= std::erase(found->second, &node);
  if (found->second.empty()) feeds_.erase(found);
}

std::size_t InterestTable::untaken() const {
  std::size_t untaken = 0;
  for (const auto& [id, node] : nodes_) {
    if (node->open) untaken += node->sent - node->taken;
  }
  return untaken;
}

bool InterestTable::follows(const Node& node, const FeedId& feed) const {
  auto found = feeds_.find(feed);
  if (found == feeds_.end()) return false;
  return std::find(found->second.begin(), found->second.end(), &node) != found->second.end();
}

void InterestTable::start_reads() {
  while (reads_under_way_ < options_.reads_max && !waiting_reads_.empty()) {
    PendingRead pending = std::move(waiting_reads_.front());
    waiting_reads_.pop_front();
    NodePtr node = pending.node.lock();
    if (node == nullptr || !node->open || !follows(*node, pending.feed)) continue;
    ++reads_under_way_;
    ReadRequest request;
    request.feed = pending.feed;
    request.after = pending.after;
    request.entries_max = options_.answer_entries_max;
    request.bytes_max = options_.answer_bytes_max;
    read_(std::move(request),
          [this, alive = std::weak_ptr<bool>(alive_), pending = std::move(pending),
           resets = resets_](Result<FeedPage> page) mutable {
            if (alive.expired()) return;
            --reads_under_way_;
            if (resets == resets_) {
              answer(pending, std::move(page));
            } else {  // may be of the old incarnation, which the front end has been told to forget
              waiting_reads_.push_back(std::move(pending));
            }
            start_reads();
          });
  }
}

void InterestTable::answer(const PendingRead& pending, Result<FeedPage> page) {
  NodePtr node = pending.node.lock();
  if (node == nullptr || !node->open || !follows(*node, pending.feed)) return;
  StreamItem item;
  item.feed = pending.feed;
  item.kind = page.ok() ? StreamItemKind::kAnswer : StreamItemKind::kAskLater;
  if (page.ok()) {
    item.entries = std::move(page->entries);
    item.tail = page->tail;
    item.oldest = page->oldest;
    item.incarnation = page->incarnation;
  }
  push(*node, std::move(item));
}

void InterestTable::published(const FeedId& feed, std::span<const EntryPtr> entries) {
  auto found = feeds_.find(feed);
  if (found == feeds_.end() || entries.empty()) return;
  const std::vector<Node*> interested = found->second;  // a node cut off changes the list
  for (Node* node : interested) {
    StreamItem item;
    item.kind = StreamItemKind::kPublish;
    item.feed = feed;
    item.entries.assign(entries.begin(), entries.end());
    push(*node, std::move(item));
  }
}

void InterestTable::feed_reset(const FeedId& feed, const Incarnation& incarnation) {
  ++resets_;
  auto found = feeds_.find(feed);
  if (found == feeds_.end()) return;
  const std::vector<Node*> interested = found->second;
  for (Node* node : interested) {
    StreamItem item;
    item.kind = StreamItemKind::kReset;
    item.feed = feed;
    item.incarnation = incarnation;
    push(*node, std::move(item));
  }
}

void InterestTable::push(Node& node, StreamItem item) {
  node.bytes_sent += size_of(item);
  ++node.sent;
  node.outgoing.push_back(std::move(item));
  if (node.sent - node.taken > options_.items_untaken_max ||
      node.bytes_sent - node.bytes_taken > options_.bytes_untaken_max) {
    cut_off_.add();
    return close(node);
  }
  if (node.flush_queued) return;
  node.flush_queued = true;
  to_flush_.push_back(node.self);
  if (to_flush_.size() > 1) return;
  environment_.executor.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) flush();
  });
}

void InterestTable::flush() {
  std::vector<std::weak_ptr<Node>> nodes = std::exchange(to_flush_, {});
  for (const auto& weak : nodes) {
    NodePtr node = weak.lock();
    if (node == nullptr) continue;
    node->flush_queued = false;
    if (node->open && !node->outgoing.empty()) flush_node(*node, false);
  }
}

void InterestTable::flush_node(Node& node, bool lease) {
  StreamMessage message;
  message.partition = partition_;
  message.owner = node.owner;
  message.stream = node.stream;
  message.first = node.sent + 1 - node.outgoing.size();
  message.items = std::exchange(node.outgoing, {});
  message.lease = lease;
  if (!message.items.empty()) node.marks.push_back({node.sent, node.bytes_sent});
  out_.to_front_end(node.id, std::move(message));
}

void InterestTable::refuse(const NodeId& node, StreamId stream, StreamId above) {
  StreamMessage message;
  message.partition = partition_;
  message.stream = stream;
  message.first = above;
  message.closed = true;
  out_.to_front_end(node, std::move(message));
}

void InterestTable::close(Node& node) {
  forget_interest(node);
  refuse(node.id, node.stream, 0);
}

void InterestTable::forget_interest(Node& node) {
  node.open = false;
  node.outgoing.clear();
  node.marks.clear();
  if (node.follows == 0) return;
  for (auto it = feeds_.begin(); it != feeds_.end();) {
    std::erase(it->second, &node);
    it = it->second.empty() ? feeds_.erase(it) : std::next(it);
  }
  node.follows = 0;
}

void InterestTable::node_gone(const NodeId& node) {
  auto found = nodes_.find(node);
  if (found == nodes_.end()) return;
  forget_interest(*found->second);
  nodes_.erase(found);
}

void InterestTable::close_all() {
  for (auto& [id, node] : nodes_) {
    if (node->open) close(*node);
  }
  waiting_reads_.clear();
}

void InterestTable::sweep() {
  sweep_timer_ = TimerId::kNone;
  const MonotonicTime now = environment_.clock.monotonic();
  for (auto it = nodes_.begin(); it != nodes_.end();) {
    if (now - it->second->heard < options_.lease) {
      ++it;
      continue;
    }
    forget_interest(*it->second);
    it = nodes_.erase(it);
  }
  if (nodes_.empty()) return;
  sweep_timer_ = environment_.executor.schedule(options_.lease / 2, [this] { sweep(); });
}

}  // namespace longwire::middle
