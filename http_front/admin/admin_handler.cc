#include "http_front/admin/admin_handler.h"

#include <array>
#include <utility>

namespace longwire::http {
namespace {

Response text(int status, std::string body) {
  Response response;
  response.status = status;
  response.code = status;
  response.content_type = kTextType;
  response.body = std::move(body);
  return response;
}

Response show_metrics(const AdminHooks& hooks) {
  Response response = text(200, hooks.metrics ? hooks.metrics() : std::string());
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

Response show_health(const AdminHooks&) { return text(200, "ok\n"); }

Response show_readiness(const AdminHooks& hooks) {
  const Status ready = hooks.readiness ? hooks.readiness() : Status();
  return ready ? text(200, "ready\n") : text(503, "not ready: " + ready.error().message + "\n");
}

struct AdminRow {
  std::string_view path;
  Response (*show)(const AdminHooks& hooks);
};
constexpr std::array<AdminRow, 3> kRows{{
    {"/metrics", &show_metrics},
    {"/healthz", &show_health},
    {"/readyz", &show_readiness},
}};

}  // namespace

void AdminHandler::handle(Request request, Respond respond) {
  for (const AdminRow& row : kRows) {
    if (row.path != request.path()) continue;
    if (request.method == Method::kGet || request.method == Method::kHead) {
      respond(row.show(hooks_));
      return;
    }
    Response refused = text(405, "GET, please.\n");
    refused.extra = {"allow", "GET, HEAD"};
    respond(std::move(refused));
    return;
  }
  respond(text(404, "There are /metrics, /healthz and /readyz.\n"));
}

}  // namespace longwire::http
