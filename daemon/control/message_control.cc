// Commands about messages: send, trace.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "channels/codec/push_body.h"
#include "daemon/control/control_table.h"
#include "daemon/control/json_views.h"
#include "http_front/api/send_form.h"
#include "middle/model/names.h"

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

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// The limits of the HTTPS API (http_front/api/send_form.h). All text is UTF-8: a frame of anything
// else is refused.
Status check_body(const channels::PushBody& body) {
  if (http::is_blank(body.title) && http::is_blank(body.description) && body.payload.empty()) {
    return invalid("nothing to send: give a title, a description or a payload");
  }
  if (body.payload.size() > http::kPayloadBytesMax) {
    return invalid(fmt::format("the payload is longer than {} bytes", http::kPayloadBytesMax));
  }
  if (count_characters(body.title) > http::kTitleCharactersMax) {
    return invalid(
        fmt::format("the title is longer than {} characters", http::kTitleCharactersMax));
  }
  if (count_characters(body.description) > http::kDescriptionCharactersMax) {
    return invalid(fmt::format("the description is longer than {} characters",
                               http::kDescriptionCharactersMax));
  }
  return {};
}

Status check_names(middle::TargetKind target, const std::vector<std::string>& names) {
  if (target == middle::TargetKind::kAll) return {};
  if (names.empty()) return invalid("no target is named");
  if (names.size() > http::kTargetsMax) {
    return invalid(fmt::format("more than {} targets", http::kTargetsMax));
  }
  if (target == middle::TargetKind::kTopic && names.size() > http::kTopicsMax) {
    return invalid(fmt::format("more than {} topics", http::kTopicsMax));
  }
  for (const std::string& name : names) {
    if (http::is_blank(name)) return invalid("a target's name is blank");
    if (has_control_characters(name)) return invalid("a target's name is not plain text");
    if (middle::is_name_too_long(name)) {
      return invalid(
          fmt::format("a target's name is longer than {} characters", middle::kNameCharactersMax));
    }
  }
  return {};
}

// Absent: the default. The middle clamps what is too long; here it is kept from overflowing.
Result<std::chrono::milliseconds> time_to_live_of(const Json& params) {
  constexpr std::int64_t kLongest = 366LL * 24 * 3600 * 1000;
  if (!params.contains("timeToLiveMs")) return std::chrono::milliseconds(0);
  const auto milliseconds = params.at("timeToLiveMs").get<std::int64_t>();
  if (milliseconds <= 0) return invalid("the time to live must be positive");
  return std::chrono::milliseconds(std::min(milliseconds, kLongest));
}

channels::PushBody body_of(const Json& params) {
  channels::PushBody body;
  body.title = params.value("title", "");
  body.description = params.value("description", "");
  body.payload = params.value("payload", "");
  body.extra = params.value("extra", std::map<std::string, std::string>());
  // A payload alone is data for the app, as in the API.
  const bool no_words = body.title.empty() && body.description.empty();
  body.pass_through = params.value("passThrough", no_words);
  return body;
}

void send(middle::Service& service, const Json& params, Callback<Json> done) {
  const auto target = target_of(params.at("target").get<std::string>());
  if (!target.ok()) return done(target.error());
  const channels::PushBody body = body_of(params);
  if (const Status fits = check_body(body); !fits.ok()) return done(fits.error());
  const auto time_to_live = time_to_live_of(params);
  if (!time_to_live.ok()) return done(time_to_live.error());
  middle::SendRequest request;
  request.app = middle::AppId(params.at("app").get<std::string>());
  request.target = *target;
  request.names = params.value("names", std::vector<std::string>());
  if (const Status fits = check_names(*target, request.names); !fits.ok()) {
    return done(fits.error());
  }
  request.body = channels::encode_push_body(body);
  request.time_to_live = *time_to_live;
  request.collapse_key = params.value("collapseKey", "");
  request.idempotency_key = params.value("idempotencyKey", "");
  service.send(std::move(request), answer_with<middle::SendReply>(std::move(done), send_json));
}

void trace(middle::Service& service, const Json& params, Callback<Json> done) {
  const auto text = params.at("id").get<std::string>();
  const auto id = middle::parse_message_id(text);
  if (!id) {
    done(Error{ErrorCode::kInvalidArgument,
               text + " is not a message id (24 characters, 0-9 and a-f)"});
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
