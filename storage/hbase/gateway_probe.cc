#include "storage/hbase/gateway_probe.h"

#include <utility>

#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {
namespace {

// An error that HBase answers with says nothing against the gateway.
Status ask(const Options& options, const std::string& address) {
  auto connection = options.connect(address);
  if (!connection) return std::move(connection).error();
  const auto table = (*connection)->describe_table(options.log_table());
  if (!table && !(*connection)->usable()) return table.error();
  return {};
}

}  // namespace

void probe_gateways(const Options& options, GatewayList& gateways) {
  for (const std::size_t gateway : gateways.down()) {
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
      if (stopped_.wait_for(stopping.mutex_lock(), options_.backoff_max,
                            [&] { return *stopping; })) {
        return;
      }
    }
    probe_gateways(options_, gateways_);
  }
}

}  // namespace longwire::storage::hbase
