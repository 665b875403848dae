// Commands about messages: send, trace.

#include <chrono>
#include <utility>

#include "channels/codec/push_body.h"
#include "daemon/control/control_table.h"
#include "daemon/control/json_views.h"

namespace longwire::daemon {
namespace {

Result<middle::TargetKind> target_of(const std::string& name) {
  if (name == "regid") return middle::TargetKind::kRegId;
  if (name == "alias") return middle::TargetKind::kAlias;
  if (name == "account") return middle::TargetKind::kUserAccount;
  if (name == "topic") return middle::TargetKind::kTopic;
  if (name == "all") return middle::TargetKind::kAll;
  return Error{ErrorCode::kInvalidArgument,
               "target " + name + ": wants regid, alias, account, topic or all"};
}

channels::PushBody body_of(const Json& params) {
  channels::PushBody body;
  body.title = params.value("title", "");
  body.description = params.value("description", "");
  body.payload = params.value("payload", "");
  body.extra = params.value("extra", std::map<std::string, std::string>());
  body.pass_through = params.value("passThrough", false);
  return body;
}

void send(middle::Service& service, const Json& params, Callback<Json> done) {
  const auto target = target_of(params.at("target").get<std::string>());
  if (!target.ok()) {
    done(target.error());
    return;
  }
  middle::SendRequest request;
  request.app = middle::AppId(params.at("app").get<std::string>());
  request.target = *target;
  request.names = params.value("names", std::vector<std::string>());
  request.body = channels::encode_push_body(body_of(params));
  request.time_to_live = std::chrono::milliseconds(params.value("timeToLiveMs", std::int64_t{0}));
  request.collapse_key = params.value("collapseKey", "");
  request.idempotency_key = params.value("idempotencyKey", "");
  service.send(std::move(request), answer_with<middle::SendReply>(std::move(done), send_json));
}

void trace(middle::Service& service, const Json& params, Callback<Json> done) {
  const auto text = params.at("id").get<std::string>();
  const auto id = middle::parse_message_id(text);
  if (!id) {
    done(Error{ErrorCode::kInvalidArgument, text + " is not a message id (24 hex characters)"});
    return;
  }
  service.trace(*id, answer_with<middle::TraceReply>(std::move(done), trace_json));
}

}  // namespace

void add_message_control(ControlTable& table, middle::Service& service) {
  table.add("send", [&service](const Json& params, Callback<Json> done) {
    send(service, params, std::move(done));
  });
  table.add("trace", [&service](const Json& params, Callback<Json> done) {
    trace(service, params, std::move(done));
  });
}

}  // namespace longwire::daemon
