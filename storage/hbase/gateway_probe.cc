#include "storage/hbase/gateway_probe.h"

#include <utility>

#include "storage/hbase/format.h"
#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {
namespace {

// A read, as calls make them: one that only HBase's master answers would fail with the master,
// while rows are served. An error that HBase answers with says nothing against the gateway.
Status ask(const Options& options, const std::string& address) {
  auto connection = options.connect(address);
  if (!connection) return std::move(connection).error();
  const auto there = (*connection)->exists(options.log_table(), info_row());
  if (!there && !(*connection)->usable()) return there.error();
  return {};
}

}  // namespace

void probe_gateways(const Options& options, GatewayList& gateways) {
  for (std::size_t gateway = 0; gateway < options.gateways.size(); ++gateway) {
    const Status answered = ask(options, gateways.address(gateway));
    if (answered) {
      gateways.succeeded(gateway);
    } else {
      gateways.failed(gateway, answered.error());
    }
  }
}

GatewayProbe::GatewayProbe(const Options& options, GatewayList& gateways)
    : options_(options), gateways_(gateways), thread_([this] { run(); }) {}

GatewayProbe::~GatewayProbe() {
  *stopping_.lock() = true;
  stopped_.notify_all();
  thread_.join();
}

void GatewayProbe::run() {
  for (;;) {
    {
      auto stopping = stopping_.lock();
      if (stopped_.wait_for(stopping.mutex_lock(), options_.probe_every,
                            [&] { return *stopping; })) {
        return;
      }
    }
    probe_gateways(options_, gateways_);
  }
}

}  // namespace longwire::storage::hbase
