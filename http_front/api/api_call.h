#pragma once

// ApiCall: one request on its way through the API, from its route to its answer.

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "http_front/api/error_table.h"
#include "http_front/auth/address_limiter.h"
#include "http_front/auth/secret_cache.h"
#include "http_front/protocol/message.h"
#include "middle/service.h"

namespace longwire::http {

struct Route;
class RouteMetrics;

struct ApiCall {
  Request request;
  Respond respond;
  const Route* route = nullptr;     // null: no such path
  RouteMetrics* metrics = nullptr;  // told at the answer
  MonotonicTime started{};
  std::string path_parameter;  // what stands for "{…}" in the route's path
  std::string trace_id;        // of this call, in every compatible answer
  AppPtr app;                  // who calls, where the route asks for it
};
// Owned by whoever has to answer: a handler, then the callback of the middle.
using CallPtr = std::unique_ptr<ApiCall>;

// What handlers work with; one per loop. Everything in it outlives the calls.
struct ApiContext {
  middle::Service& service;
  const Clock& clock;
  AddressLimiter& device_limiter;
  const std::string& domain;
};

void answer(CallPtr call, Response response);

// {"result":"error","code":…,…}, status 200, Retry-After where a retry may help.
void answer_compatible(CallPtr call, ApiCode code, std::string_view reason,
                       std::chrono::milliseconds retry_after = std::chrono::milliseconds(0));
// {"error":"not_found","message":…}, with the status of the code.
void answer_own(CallPtr call, const Error& error);
void answer_own(CallPtr call, int status, std::string_view error, std::string_view message);
// In the manner of the call's route.
void answer_problem(CallPtr call, const Error& error);

}  // namespace longwire::http
