#pragma once

// ApiHandler: finds a request's route, checks method, length and secret, and calls the route's
// function.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/environment.h"
#include "http_front/api/api_call.h"
#include "http_front/api/route_metrics.h"
#include "http_front/api/routes.h"

namespace longwire::http {

struct ApiParts {
  middle::Service& service;        // of the loop
  AddressLimiter& device_limiter;  // shared by all loops, as are the next two
  AddressLimiter& secret_limiter;  // counts secrets that are nobody's
  RecentSecrets& recent_secrets;
  std::string domain;
  SecretCacheLimits secret_cache;
};

// Everything given outlives it, but the service goes first: its callbacks hold calls. Loop-bound.
class ApiHandler final : public Handler {
 public:
  ApiHandler(ApiParts parts, const Environment& environment);
  void handle(Request request, Respond respond) override;

 private:
  // Of the routes that share a path, the first one.
  const Route* find_path(std::string_view path, std::string& parameter) const;
  static const Route* with_method(const Route* route, Method method);
  void authenticate(CallPtr call);
  void on_secret(CallPtr call, Result<AppPtr> app);
  void refuse_secret(CallPtr call, const Error& error);
  std::string next_trace_id();

  AddressLimiter& secret_limiter_;
  const Clock& clock_;
  const std::string domain_;
  ApiContext context_;
  SecretCache secrets_;
  std::unordered_map<std::string_view, const Route*> exact_;
  std::vector<const Route*> templates_;
  std::vector<RouteMetrics> metrics_;  // by the route's place; the last: no route
  std::string trace_prefix_;
  std::uint64_t trace_number_ = 0;
};

}  // namespace longwire::http
