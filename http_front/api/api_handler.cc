#include "http_front/api/api_handler.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"

namespace longwire::http {
namespace {

// Nobody's body is decompressed: what it says would be read as something else.
bool is_encoded(const Request& request) {
  const auto encoding = request.headers.find("content-encoding");
  return encoding && !encoding->empty() && ascii_lower(*encoding) != "identity";
}

}  // namespace

ApiHandler::ApiHandler(ApiParts parts, const Environment& environment)
    : secret_limiter_(parts.secret_limiter),
      clock_(environment.clock),
      domain_(std::move(parts.domain)),
      context_{.service = parts.service,
               .clock = environment.clock,
               .device_limiter = parts.device_limiter,
               .domain = domain_},
      secrets_(parts.service, parts.recent_secrets, environment.clock, parts.secret_cache),
      trace_prefix_("Xdm" + hex_encode(environment.random.bytes(6))) {
  for (const Route& route : routes()) {
    if (route.path.back() == '}') {
      templates_.push_back(&route);
    } else {
      exact_.emplace(route.path, &route);
    }
    metrics_.emplace_back(environment.metrics, environment.clock, std::string(route.path));
  }
  metrics_.emplace_back(environment.metrics, environment.clock, "none");
}

void ApiHandler::handle(Request request, Respond respond) {
  auto call = std::make_unique<ApiCall>();
  call->started = clock_.monotonic();
  call->request = std::move(request);
  call->respond = std::move(respond);
  call->trace_id = next_trace_id();
  const Route* path = find_path(call->request.path(), call->path_parameter);
  if (path == nullptr) {
    call->metrics = &metrics_.back();
    answer_compatible(std::move(call), ApiCode::kUnknownPath, "There is no such API.");
    return;
  }
  const Route* route = with_method(path, call->request.method);
  call->route = route != nullptr ? route : path;
  call->metrics = &metrics_[static_cast<std::size_t>(call->route - routes().data())];
  const bool own = call->route->manner == Manner::kOwn;
  if (route == nullptr && own) {
    answer_own(std::move(call), 405, "method_not_allowed", "this path has another method");
  } else if (route == nullptr) {
    answer_compatible(std::move(call), ApiCode::kWrongMethod, "Use POST.");
  } else if (is_encoded(call->request) && own) {
    answer_own(std::move(call), 415, "unsupported_media_type", "no Content-Encoding is understood");
  } else if (is_encoded(call->request)) {
    answer_compatible(std::move(call), ApiCode::kContentType,
                      "No Content-Encoding is understood: send the body as it is.");
  } else if (call->request.body.size() > route->body_bytes_max && own) {
    answer_own(std::move(call), 413, "content_too_large", "the body is too long for this path");
  } else if (call->request.body.size() > route->body_bytes_max) {
    answer_compatible(std::move(call), ApiCode::kBodyTooLong, "The body is too long.");
  } else if (route->auth == AuthKind::kAppSecret) {
    authenticate(std::move(call));
  } else {
    route->handle(context_, std::move(call));
  }
}

const Route* ApiHandler::find_path(std::string_view path, std::string& parameter) const {
  if (const auto found = exact_.find(path); found != exact_.end()) return found->second;
  const std::size_t slash = path.rfind('/');
  for (const Route* route : templates_) {
    const std::string_view stem = route->path.substr(0, route->path.find('{'));
    if (slash == std::string_view::npos || path.substr(0, slash + 1) != stem) continue;
    parameter = path.substr(slash + 1);
    if (!parameter.empty()) return route;
  }
  return nullptr;
}

// HEAD is GET without the body (RFC 9110 section 9.3.2), which the session leaves out.
const Route* ApiHandler::with_method(const Route* route, Method method) {
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  for (const Route& other : routes()) {
    if (other.path == route->path && other.method == wanted) return &other;
  }
  return nullptr;
}

void ApiHandler::authenticate(CallPtr call) {
  const auto header = call->request.headers.find("authorization");
  const std::string secret(secret_of_header(header.value_or("")));
  if (secret.empty()) {
    refuse_secret(std::move(call),
                  {ErrorCode::kUnauthenticated, "Authorization: key=<AppSecret> is required."});
    return;
  }
  const Status patience = secret_limiter_.peek(call->request.peer_ip, clock_.monotonic());
  if (!patience && !secrets_.knows(secret)) {
    refuse_secret(std::move(call), patience.error());
    return;
  }
  secrets_.find(secret, [this, call = std::move(call)](Result<AppPtr> app) mutable {
    on_secret(std::move(call), std::move(app));
  });
}

void ApiHandler::on_secret(CallPtr call, Result<AppPtr> app) {
  if (app) {
    call->app = std::move(app).value();
    const Route& route = *call->route;
    route.handle(context_, std::move(call));
    return;
  }
  if (app.error().code != ErrorCode::kUnauthenticated) {
    answer_problem(std::move(call), app.error());
    return;
  }
  (void)secret_limiter_.take(call->request.peer_ip, clock_.monotonic());
  refuse_secret(std::move(call), {ErrorCode::kUnauthenticated, "Invalid application secret."});
}

void ApiHandler::refuse_secret(CallPtr call, const Error& error) {
  if (call->route->manner == Manner::kOwn) {
    answer_own(std::move(call), error);
    return;
  }
  const ApiCode code =
      error.code == ErrorCode::kResourceExhausted ? ApiCode::kAddressRate : ApiCode::kBadSecret;
  answer_compatible(std::move(call), code, error.message, error.retry_after);
}

std::string ApiHandler::next_trace_id() {
  std::array<char, 20> number{};
  const auto end =
      std::to_chars(number.data(), number.data() + number.size(), ++trace_number_, 16).ptr;
  std::string id;
  id.reserve(trace_prefix_.size() + number.size());
  id = trace_prefix_;
  id.append(number.data(), end);
  return id;
}

}  // namespace longwire::http
