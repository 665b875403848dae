#include "middle/cluster/report_link.h"

#include <iterator>
#include <map>
#include <utility>

#include "middle/cluster/node_links.h"
#include "middle/core/gather.h"
#include "middle/remote/methods.h"
#include "middle/wire/report_fields.h"

namespace longwire::middle::cluster {
namespace {

using Reports = std::vector<KeptReport>;

constexpr std::chrono::milliseconds kAnswerWithin{2'000};

NodeLinksOptions link_options() {
  NodeLinksOptions options;
  options.channel.call_timeout = kAnswerWithin;
  return options;
}

Reports in_one(std::vector<Reports> lists) {
  Reports all;
  for (Reports& list : lists) std::move(list.begin(), list.end(), std::back_inserter(all));
  return merge_reports(std::move(all));
}

class NodesReportLink final : public ReportLink, public NodeLinksListener {
 public:
  NodesReportLink(const Environment& environment, NodeId self, std::vector<NodeAddress> seeds,
                  Dialer& dialer)
      : links_(environment,
               {.self = std::move(self),
                .skip = {},
                .seeds = std::move(seeds),
                .dialer = dialer,
                .listener = *this},
               link_options()) {
    links_.start();
  }
  ~NodesReportLink() override { *alive_ = false; }

  void tell(const ProcessReport& report) override {
    for (const auto& [address, channel] : channels_) channel->oneway(remote::kReport, report);
  }
  void ask(Callback<Reports> done) override {
    auto all =
        Gather<Reports>::make([d = std::move(done)](Result<std::vector<Reports>> lists) mutable {
          d(lists.ok() ? Result<Reports>(in_one(std::move(*lists))) : lists.error());
        });
    for (const auto& [address, channel] : channels_) {
      // One that does not answer knows nothing.
      auto answered = [answer = all->ask()](Result<Reports> list) mutable {
        answer(list.ok() ? std::move(*list) : Reports());
      };
      remote::call_channel<Reports>(*channel, remote::kReports, alive_, std::move(answered));
    }
    all->close();
  }
  std::size_t linked() const override { return channels_.size(); }

  void on_link(const LinkedNode& node, const wire::Welcome&) override {
    channels_[node.address] = &node.channel;
  }
  void on_link_lost(const NodeAddress& node) override { channels_.erase(node); }
  void on_owners(const NodeAddress&, const OwnerView&) override {}
  void on_message(const NodeAddress&, remote::IncomingMessage&) override {}

 private:
  std::map<NodeAddress, remote::Channel*> channels_;  // of nodes that are linked
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  NodeLinks links_;  // last: its connections answer through the others
};

}  // namespace

std::unique_ptr<ReportLink> make_report_link(const Environment& environment, NodeId self,
                                             std::vector<NodeAddress> seeds, Dialer& dialer) {
  return std::make_unique<NodesReportLink>(environment, std::move(self), std::move(seeds), dialer);
}

}  // namespace longwire::middle::cluster
