#pragma once

// Middle: the middle tier in this process: owns the partitions and hands out links to them.
// Life: make, start, connect …, every link destroyed, stop, destroy.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/config.h"
#include "base/environment.h"
#include "middle/peer_service.h"
#include "middle/ports/directory.h"
#include "middle/ports/partition_store.h"
#include "middle/route/feed_stream.h"
#include "middle/route/follow_hub.h"
#include "middle/route/owner_view.h"
#include "middle/service.h"

namespace longwire::middle {

struct MiddleConfig {
  std::int64_t alias_registrations_max =
      1;  // registrations that share an alias; the last to set it win
  std::int64_t aliases_per_registration_max = 15;  // the oldest is dropped
  std::int64_t account_registrations_max = 20;
  std::int64_t tags_per_registration_max = 30;
  std::chrono::milliseconds registration_expiry = std::chrono::hours(24 * 30);  // without contact
  std::chrono::milliseconds time_to_live_default = std::chrono::hours(24 * 14);
  std::chrono::milliseconds time_to_live_max = std::chrono::hours(24 * 14);
  std::chrono::milliseconds unused_device_expiry =
      std::chrono::hours(1);  // an account that never logs in
  std::chrono::milliseconds repeat_window =
      std::chrono::minutes(10);                 // idempotency keys are known so long
  std::int64_t sends_per_second = 500;          // per app, token bucket; burst one second's worth
  std::int64_t sends_per_day = 100'000'000;     // per app
  std::int64_t app_feed_live_max = 10'000;      // live entries of an app feed
  std::int64_t archive_entries_max = 10'000;    // chat of an account that waits to be delivered
  std::int64_t archive_bytes_max = 33'554'432;  // … and its bytes
  std::int64_t partition_pending_max =
      20'000;  // operations waiting in one partition; beyond: "try again"
  std::int64_t row_cache_bytes = 256 * 1024 * 1024;  // of all partitions
  // An operation's rows must fit; not in the configuration.
  std::int64_t partition_cache_bytes_min = 1024 * 1024;
  std::int64_t feed_window_entries = 256;  // a front end's window of a shared feed
  // Of a member of several; not in the configuration. An owner that has not confirmed its head for
  // half of it answers no reads.
  std::chrono::milliseconds lease = std::chrono::seconds(10);
};
void declare_config(ConfigSchema& schema, MiddleConfig& config);

// What a front end holds of the middle. Destroyed on its loop, before Middle::stop.
struct MiddleLink {
  NodeId node;  // what the middle calls the front end
  std::unique_ptr<Service> service;
  std::unique_ptr<FollowHub> feeds;  // null where no FrontEnd was given
};

// What a front end, or a middle node, in another process holds of this one, by the hands of whoever
// carries its messages. Destroyed on its loop, before Middle::stop.
struct NodeLink {
  std::unique_ptr<Service> service;
  std::unique_ptr<PeerService> peers;
  // The next call of either is meant for the owner that claims this, or for any.
  std::function<void(std::optional<PartitionClaim>)> address_next;
  std::unique_ptr<InterestSink> feeds;
};

// How a front end in another process is told what it is to be told, all of it on its loop.
struct NodeEnd {
  FrontEnd& front_end;  // outlives the link
  std::function<void(StreamMessage)> streams;
  ToldOwners owners = {};  // at first of all, then of changes
  std::uint64_t turn = 0;  // of this connection: those that the node made later have higher ones
};

class Middle {
 public:
  virtual ~Middle() = default;
  // Loads the apps, opens (takes over) every partition; until then calls are answered with
  // kUnavailable. What may be repeated is: the apps for about 45 seconds, the partitions without
  // end.
  virtual void start(Callback<void> done) = 0;
  // `front_end` may be null (an HTTP loop needs none); otherwise it outlives the link. Thread-safe.
  virtual MiddleLink connect(Executor& loop, NodeId node, FrontEnd* front_end) = 0;
  // Refuses new work, waits for commits under way, answers the rest with kUnavailable.
  virtual void stop(Callback<void> done) = 0;
};

// A middle tier that is here, for others to connect to.
class MiddleTier : public Middle {
 public:
  // As connect(), for who is elsewhere. Empty: a connection that the node made later is here.
  // Thread-safe.
  virtual NodeLink connect_node(Executor& loop, NodeId node, NodeEnd end) = 0;
};

// `environment.executor` runs the partitions, `keys` derives keys from passwords, which costs some
// milliseconds each that no send is to wait for. Both, and the stores, outlive the Middle.
std::unique_ptr<MiddleTier> make_middle(const MiddleConfig& config, Environment environment,
                                        PartitionStore& store, Directory& directory,
                                        Executor& keys);

}  // namespace longwire::middle
