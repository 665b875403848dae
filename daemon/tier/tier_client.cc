#include "daemon/tier/tier_client.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "middle/cluster/cluster_link.h"

namespace longwire::daemon {
namespace {

namespace cluster = middle::cluster;
using middle::NodeId;

constexpr std::chrono::milliseconds kStartWithin{45'000};

class RemoteMiddle final : public middle::Middle {
 public:
  RemoteMiddle(TierClientParts parts, net::Loop& loop) : parts_(std::move(parts)), loop_(loop) {}

  void start(Callback<void> done) override {
    loop_.post([this, done = std::move(done)]() mutable {
      started_ = std::move(done);
      timer_ = loop_.schedule(kStartWithin, [this] {
        timer_ = TimerId::kNone;
        finish(Error{ErrorCode::kUnavailable, nobody_answers()});
      });
      asking_ = cluster::ask_partition_count(on(loop_), NodeId(parts_.process + "/start"),
                                             parts_.seeds, parts_.dialers.of(loop_),
                                             [this](Result<std::uint16_t> count) {
                                               partitions_ = *count;
                                               finish({});
                                             });
    });
  }

  middle::MiddleLink connect(Executor& loop, NodeId node, middle::FrontEnd* front_end) override {
    return cluster::make_cluster_link(on(loop),
                                      {.node = NodeId(parts_.process + "/" + node.value()),
                                       .seeds = parts_.seeds,
                                       .dialer = parts_.dialers.of(loop),
                                       .front_end = front_end,
                                       .partitions = partitions_});
  }

  void stop(Callback<void> done) override {
    loop_.post([done = std::move(done)]() mutable { done({}); });
  }

 private:
  Environment on(Executor& loop) const {
    const Environment& given = parts_.environment;
    return {loop, given.clock, given.random, given.log, given.metrics};
  }
  std::string nobody_answers() const {
    std::vector<std::string> tried;
    for (const std::string& seed : parts_.seeds) {
      const std::string why = parts_.dialers.why_not(seed);
      tried.push_back(why.empty() ? seed : fmt::format("{} ({})", seed, why));
    }
    return fmt::format("no middle tier answers at {}", fmt::join(tried, ", "));
  }
  void finish(Status status) {
    if (!started_) return;
    loop_.cancel(std::exchange(timer_, TimerId::kNone));
    asking_.reset();
    std::exchange(started_, nullptr)(std::move(status));
  }

  const TierClientParts parts_;
  net::Loop& loop_;
  Callback<void> started_;
  TimerId timer_ = TimerId::kNone;
  std::unique_ptr<cluster::PartitionCount> asking_;
  std::uint16_t partitions_ = 0;  // known once start() is answered
};

}  // namespace

std::unique_ptr<middle::Middle> make_remote_middle(TierClientParts parts, net::Loop& loop) {
  return std::make_unique<RemoteMiddle>(std::move(parts), loop);
}

}  // namespace longwire::daemon
