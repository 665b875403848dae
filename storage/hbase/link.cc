#include "storage/hbase/link.h"

namespace longwire::storage::hbase {

Result<GatewayConnection*> Link::connected() {
  broke_ = false;
  const MonotonicTime now = clock_.monotonic();
  const bool idle_too_long = now - last_used_ > options_.idle_max;
  if (connection_ && (idle_too_long || !connection_->usable())) connection_.reset();
  if (!connection_ || now - last_made_ > options_.age_max) {
    const Status made = connect();
    if (!connection_) return made.error();
    last_made_ = now;  // also where the old one is kept, as no other was to be had
  }
  last_used_ = clock_.monotonic();
  return connection_.get();
}

// To the next gateway that takes us, each once.
Status Link::connect() {
  Error last;
  for (std::size_t i = 0; i < options_.gateways.size(); ++i) {
    const auto gateway = gateways_.pick();
    if (!gateway) return i == 0 ? gateway.error() : last;
    auto made = options_.connect(gateways_.address(*gateway));
    if (made) {
      connection_ = std::move(*made);
      gateway_ = *gateway;
      return {};
    }
    gateways_.failed(*gateway, made.error());
    last = std::move(made).error();
  }
  return last;
}

void Link::note(const Error* error) {
  last_used_ = clock_.monotonic();
  if (connection_->usable()) {
    if (error == nullptr) gateways_.succeeded(gateway_);
    return;
  }
  broke_ = true;
  if (error != nullptr) gateways_.failed(gateway_, *error);
  connection_.reset();
}

}  // namespace longwire::storage::hbase
