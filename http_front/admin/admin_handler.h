#pragma once

// AdminHandler: what the admin listener answers: /metrics, /healthz, /readyz. No secrets, no
// authentication: it belongs on loopback.

#include <functional>
#include <string>

#include "base/result.h"
#include "http_front/protocol/message.h"

namespace longwire::http {

// Called on the admin listener's loop; must not block.
struct AdminHooks {
  std::function<std::string()> metrics;  // Prometheus text
  std::function<Status()> readiness;     // an Error's message says what is not ready; empty: ready
};

// Loop-bound.
class AdminHandler final : public Handler {
 public:
  explicit AdminHandler(AdminHooks hooks) : hooks_(std::move(hooks)) {}
  void handle(Request request, Respond respond) override;

 private:
  const AdminHooks hooks_;
};

}  // namespace longwire::http
