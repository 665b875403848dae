// GET /v1/messages/{id}: what became of a message.

#include <utility>

#include "http_front/api/resources.h"
#include "http_front/protocol/json.h"

namespace longwire::http {
namespace {

std::string_view target_name(middle::TargetKind kind) {
  switch (kind) {
    case middle::TargetKind::kRegId:
      return "regid";
    case middle::TargetKind::kAlias:
      return "alias";
    case middle::TargetKind::kUserAccount:
      return "user_account";
    case middle::TargetKind::kTopic:
      return "topic";
    case middle::TargetKind::kAll:
      return "all";
  }
  return "";
}

void write_copy(const middle::TraceCopy& copy, JsonWriter& json) {
  json.begin_object().key("regId").string(copy.registration.value());
  json.key("state").string(copy_state_name(copy.state));
  json.key("feed").string(copy.feed.value());
  json.key("number").unsigned_number(copy.number);
  if (copy.at) json.key("at").number(copy.at->ms);
  if (!copy.reason.empty()) json.key("reason").string(copy.reason);
  json.end_object();
}

Bytes trace_text(const middle::TraceReply& trace) {
  JsonWriter json;
  json.begin_object().key("id").string(trace.id.to_string());
  json.key("target").string(target_name(trace.target));
  json.key("names").begin_array();
  for (const std::string& name : trace.names) json.string(name);
  json.end_array();
  json.key("accepted").number(trace.accepted.ms).key("expires").number(trace.expires.ms);
  if (trace.scheduled) json.key("scheduled").number(trace.scheduled->ms);
  json.key("recalled").boolean(trace.recalled);
  json.key("resolved").unsigned_number(trace.resolved);
  json.key("delivered").unsigned_number(trace.delivered);
  json.key("copies").begin_array();
  for (const middle::TraceCopy& copy : trace.copies) write_copy(copy, json);
  json.end_array();
  json.key("copiesTruncated").boolean(trace.copies_truncated).end_object();
  return std::move(json).take();
}

Error no_such_message() { return {ErrorCode::kNotFound, "this app has no such message"}; }

// Another app's message looks like none at all.
void answer_trace(CallPtr call, const Result<middle::TraceReply>& trace) {
  if (!trace) {
    const bool absent = trace.error().code == ErrorCode::kNotFound;
    answer_own(std::move(call), absent ? no_such_message() : trace.error());
  } else if (trace->app != call->app->id) {
    answer_own(std::move(call), no_such_message());
  } else {
    Response response;
    response.code = 200;
    response.body = trace_text(*trace);
    answer(std::move(call), std::move(response));
  }
}

}  // namespace

void show_message(ApiContext& context, CallPtr call) {
  const auto id = middle::parse_message_id(call->path_parameter);
  if (!id) {
    answer_own(std::move(call), no_such_message());
    return;
  }
  context.service.trace(*id, [call = std::move(call)](Result<middle::TraceReply> trace) mutable {
    answer_trace(std::move(call), trace);
  });
}

}  // namespace longwire::http
