#pragma once

// What a front end and the owner of a partition say to each other about feeds, as plain structs,
// and the two ends of the link that carries them.
//
// One stream per (front end, partition). The front end opens it by a message with a new StreamId
// and the number 1; its changes of interest are numbered 1, 2, 3, … within it, and so are the
// owner's items. Either side that sees a hole, or a lease answer that disagrees, gives the stream
// up, and the front end asks again: a new StreamId, every feed it follows, each with the last
// number it has. The link may drop, double, delay and reorder messages; nothing but time is lost by
// that.

#include <cstdint>
#include <vector>

#include "middle/model/ids.h"
#include "middle/model/message.h"

namespace longwire::middle {

using StreamId = std::uint64_t;      // rises with each new stream of a front end to a partition
using StreamNumber = std::uint64_t;  // 1, 2, 3, … within a stream; 0: none yet
using OwnerId = std::uint64_t;       // random, drawn by the owner for each stream it opens

struct InterestChange {
  FeedId feed;
  bool follow = true;
  FeedNumber after = 0;  // the last number the front end has: what follows is the answer
};

// Front end to owner.
struct InterestMessage {
  NodeId node;
  PartitionId partition = 0;
  StreamId stream = 0;
  StreamNumber first = 1;  // number of changes.front(), or of the next change to come
  std::vector<InterestChange> changes;
  StreamNumber taken = 0;  // the owner's items taken so far
  bool renew = false;      // asks for a lease answer
};

enum class StreamItemKind : std::uint8_t {
  kPublish,  // entries that were committed now
  kAnswer,  // to a follow: the entries after `after`, as far as they fit; tail, oldest, incarnation
  kReset,   // the feed began anew as `incarnation`
  kAskLater,  // the feed could not be read: ask for it again after a while
};

struct StreamItem {
  StreamItemKind kind = StreamItemKind::kPublish;
  FeedId feed;
  std::vector<EntryPtr> entries;
  FeedNumber tail = 0;
  FeedNumber oldest = 1;
  Incarnation incarnation;
};

// Owner to front end.
struct StreamMessage {
  PartitionId partition = 0;
  OwnerId owner = 0;
  StreamId stream = 0;
  StreamNumber first = 1;  // number of items.front(), or of the next item to come
  std::vector<StreamItem> items;
  bool lease = false;   // the answer to `renew`
  bool closed = false;  // the owner does not serve `stream` (any more): ask again, above it and
                        // above `first`
};

// Where a front end's messages go. Loop-bound to the front end; never calls back inside the call.
class InterestSink {
 public:
  virtual ~InterestSink() = default;
  virtual void to_owner(InterestMessage message) = 0;
};

// Where an owner's messages go. Loop-bound to the owner; never calls back inside the call. A node
// that is not there (any more) loses the message.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void to_front_end(const NodeId& node, StreamMessage message) = 0;
};

}  // namespace longwire::middle
