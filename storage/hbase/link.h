#pragma once

// Link: one thread's connection to whichever gateway serves. Made when needed, kept while it works
// and is not old: connections that have left a gateway come back to it so.

#include <memory>
#include <utility>

#include "base/clock.h"
#include "storage/hbase/gateway_connection.h"
#include "storage/hbase/gateway_list.h"
#include "storage/hbase/options.h"

namespace longwire::storage::hbase {

// Bound to its thread.
class Link final {
 public:
  // All references outlive it.
  Link(const Options& options, GatewayList& gateways, const Clock& clock)
      : options_(options), gateways_(gateways), clock_(clock) {}

  // Makes a call that must not be repeated here: `call` gets a GatewayConnection&.
  template <typename Call>
  auto once(Call call) -> decltype(call(std::declval<GatewayConnection&>())) {
    auto connection = connected();
    if (!connection) return std::move(connection).error();
    auto answer = call(**connection);
    note(answer.ok() ? nullptr : &answer.error());
    return answer;
  }

  // Makes a call that may be repeated: a second time where the connection broke under the first,
  // as all do when a gateway is started anew.
  template <typename Call>
  auto repeated(Call call) -> decltype(call(std::declval<GatewayConnection&>())) {
    auto answer = once(call);
    if (answer.ok() || answer.error().code == ErrorCode::kDeadlineExceeded || !broke_) {
      return answer;
    }
    return once(call);
  }

 private:
  Result<GatewayConnection*> connected();
  Status connect();
  // After a call: what it means for the connection and its gateway.
  void note(const Error* error);

  const Options& options_;
  GatewayList& gateways_;
  const Clock& clock_;
  std::unique_ptr<GatewayConnection> connection_;
  std::size_t gateway_ = 0;
  MonotonicTime last_made_{0};
  MonotonicTime last_used_{0};
  bool broke_ = false;  // the last call ended its connection
};

}  // namespace longwire::storage::hbase
