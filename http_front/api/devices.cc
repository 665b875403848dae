// POST /v1/devices: an account for a new device.

#include <utility>

#include "http_front/api/resources.h"
#include "http_front/protocol/json.h"

namespace longwire::http {
namespace {

void answer_created(CallPtr call, const std::string& domain,
                    Result<middle::CreatedDevice> created) {
  if (!created) {
    answer_own(std::move(call), created.error());
    return;
  }
  JsonWriter json;
  json.begin_object().key("device").string(created->id.value());
  json.key("password").string(created->password);
  json.key("domain").string(domain).end_object();
  Response response;
  response.status = 201;
  response.code = 201;
  response.body = std::move(json).take();
  answer(std::move(call), std::move(response));
}

}  // namespace

void create_device(ApiContext& context, CallPtr call) {
  const Status allowed =
      context.device_limiter.take(call->request.peer_ip, context.clock.monotonic());
  if (!allowed) {
    answer_own(std::move(call), allowed.error());
    return;
  }
  auto members = parse_json_strings(call->request.body);
  if (!members) {
    answer_own(std::move(call), members.error());
    return;
  }
  middle::CreateDeviceRequest request{.app = middle::AppId((*members)["appId"]),
                                      .key = middle::AppKey((*members)["appKey"])};
  if (request.app.empty() || request.key.empty()) {
    answer_own(std::move(call),
               {ErrorCode::kInvalidArgument, "appId and appKey are required, both strings"});
    return;
  }
  context.service.create_device(std::move(request),
                                [call = std::move(call), domain = &context.domain](
                                    Result<middle::CreatedDevice> created) mutable {
                                  answer_created(std::move(call), *domain, std::move(created));
                                });
}

}  // namespace longwire::http
