#include "storage/hbase/gateway_probe.h"

#include "storage/hbase/format.h"
#include "storage/hbase/gateway_connection.h"

namespace longwire::storage::hbase {

// By a read, as calls make them: what only HBase's master answers would fail with the master, while
// rows are served.
void probe_gateway(const Options& options, GatewayList& gateways, std::size_t gateway) {
  auto connection = options.connect(gateways.address(gateway));
  if (!connection) return gateways.failed(gateway, connection.error());
  const auto there = (*connection)->exists(options.log_table(), info_row());
  if (there) return gateways.succeeded(gateway);
  if (!(*connection)->usable()) gateways.failed(gateway, there.error());
}

GatewayProbe::GatewayProbe(const Options& options, GatewayList& gateways)
    : options_(options), gateways_(gateways), thread_([this] { run(); }) {}

GatewayProbe::~GatewayProbe() {
  stop();
  thread_.join();
}

void GatewayProbe::stop() {
  *stopping_.lock() = true;
  stopped_.notify_all();
}

bool GatewayProbe::pause() {
  auto stopping = stopping_.lock();
  return !stopped_.wait_for(stopping.mutex_lock(), options_.probe_every, [&] { return *stopping; });
}

void GatewayProbe::run() {
  while (pause()) {
    for (std::size_t gateway = 0; gateway < options_.gateways.size(); ++gateway) {
      if (*stopping_.lock()) return;
      probe_gateway(options_, gateways_, gateway);
    }
  }
}

}  // namespace longwire::storage::hbase
