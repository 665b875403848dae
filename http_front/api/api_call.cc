#include "http_front/api/api_call.h"

#include <utility>

#include "http_front/api/route_metrics.h"
#include "http_front/api/routes.h"
#include "http_front/protocol/json.h"

namespace longwire::http {
namespace {

std::optional<std::chrono::seconds> whole_seconds(std::chrono::milliseconds wait) {
  if (wait.count() <= 0) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(wait);
}

Bytes own_error_text(std::string_view error, std::string_view message,
                     std::chrono::milliseconds retry_after) {
  JsonWriter json;
  json.begin_object().key("error").string(error).key("message").string(message);
  if (retry_after.count() > 0) json.key("retryAfterMs").number(retry_after.count());
  json.end_object();
  return std::move(json).take();
}

}  // namespace

void answer(CallPtr call, Response response) {
  if (call->metrics != nullptr) call->metrics->observe(response.code, call->started);
  call->respond(std::move(response));
}

void answer_compatible(CallPtr call, ApiCode code, std::string_view reason,
                       std::chrono::milliseconds retry_after) {
  JsonWriter json;
  json.begin_object().key("result").string("error");
  json.key("code").number(static_cast<int>(code));
  json.key("description").string(api_description(code));
  json.key("reason").string(reason).key("trace_id").string(call->trace_id);
  json.key("info").string("").end_object();
  Response response;
  response.body = std::move(json).take();
  response.code = static_cast<int>(code);
  response.retry_after = whole_seconds(retry_after);
  answer(std::move(call), std::move(response));
}

void answer_own(CallPtr call, const Error& error) {
  Response response;
  response.status = http_status(error.code);
  response.code = response.status;
  const std::chrono::milliseconds wait = retry_after(error);
  response.body = own_error_text(error_code_name(error.code), error.message, wait);
  response.retry_after = whole_seconds(wait);
  if (response.status == 401) response.extra = {"www-authenticate", "key"};
  answer(std::move(call), std::move(response));
}

void answer_own(CallPtr call, int status, std::string_view error, std::string_view message) {
  Response response;
  response.status = status;
  response.code = status;
  response.body = own_error_text(error, message, std::chrono::milliseconds(0));
  if (status == 405 && call->route != nullptr) {
    const Method method = call->route->method;
    response.extra = {"allow", method == Method::kGet ? "GET, HEAD" : method_name(method)};
  }
  answer(std::move(call), std::move(response));
}

void answer_problem(CallPtr call, const Error& error) {
  if (call->route != nullptr && call->route->manner == Manner::kOwn) {
    answer_own(std::move(call), error);
  } else {
    answer_compatible(std::move(call), send_code(error), error.message, retry_after(error));
  }
}

}  // namespace longwire::http
