// POST /v2|v3/message/…: sends.

#include <string>
#include <utility>
#include <variant>

#include "base/text.h"
#include "http_front/api/resources.h"
#include "http_front/api/send_form.h"
#include "http_front/protocol/json.h"

namespace longwire::http {
namespace {

using middle::SendReply;
using middle::SendRequest;
using middle::TargetKind;

struct TargetWord {
  std::string_view info;  // "Received push messages for 1 REGID"
  std::string_view bad;   // member of `data` that lists who is unknown; empty: nobody can be
};
TargetWord word_of(TargetKind kind) {
  switch (kind) {
    case TargetKind::kRegId:
      return {"REGID", "bad_regids"};
    case TargetKind::kAlias:
      return {"ALIAS", "bad_aliases"};
    case TargetKind::kUserAccount:
      return {"USER_ACCOUNT", "bad_user_accounts"};
    case TargetKind::kTopic:
      return {"TOPIC", ""};
    case TargetKind::kAll:
      return {"ALL", ""};
  }
  return {};
}

// Other types than a form's are taken for a form: clients name all sorts. These two cannot be one.
bool is_foreign_type(const Request& request) {
  const std::string type = ascii_lower(request.headers.find("content-type").value_or(""));
  return type.substr(0, 16) == "application/json" || type.substr(0, 10) == "multipart/";
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list.push_back(',');
    list += name;
  }
  return list;
}

Bytes accepted_text(const SendReply& reply, TargetKind kind, std::size_t named,
                    std::string_view trace_id) {
  const TargetWord word = word_of(kind);
  JsonWriter json;
  json.begin_object().key("result").string("ok");
  json.key("code").number(0);
  json.key("description").string(api_description(ApiCode::kOk));
  json.key("trace_id").string(trace_id);
  json.key("info").string("Received push messages for " +
                          std::to_string(named - reply.unknown.size()) + " " +
                          std::string(word.info));
  json.key("data").begin_object().key("id").string(reply.id.to_string());
  if (!word.bad.empty() && !reply.unknown.empty()) {
    json.key(word.bad).string(joined(reply.unknown));
  }
  json.end_object().end_object();
  return std::move(json).take();
}

void answer_send(CallPtr call, TargetKind kind, std::size_t named, Result<SendReply> sent) {
  if (!sent) {
    const bool nobody = sent.error().code == ErrorCode::kNotFound;
    answer_compatible(std::move(call), send_code(sent.error()),
                      nobody ? "No valid targets!" : std::string_view(sent.error().message),
                      retry_after(sent.error()));
    return;
  }
  if (kind != TargetKind::kAll && sent->unknown.size() >= named) {
    answer_compatible(std::move(call), ApiCode::kNoTarget, "No valid targets!");
    return;
  }
  Response response;
  response.body = accepted_text(*sent, kind, named, call->trace_id);
  answer(std::move(call), std::move(response));
}

void send(ApiContext& context, CallPtr call, TargetKind kind) {
  if (is_foreign_type(call->request)) {
    answer_compatible(std::move(call), ApiCode::kContentType,
                      "The body must be application/x-www-form-urlencoded.");
    return;
  }
  const Result<Form> form = Form::parse(call->request.body, call->request.query());
  if (!form) {
    answer_compatible(std::move(call), ApiCode::kBadParameter, form.error().message);
    return;
  }
  const SendContext about{
      .target = kind,
      .app = *call->app,
      .now = context.clock.now(),
      .idempotency_key = call->request.headers.find("idempotency-key").value_or("")};
  auto read = read_send(*form, about);
  if (const auto* problem = std::get_if<ApiProblem>(&read)) {
    answer_compatible(std::move(call), problem->code, problem->reason);
    return;
  }
  auto& request = std::get<SendRequest>(read);
  const std::size_t named = kind == TargetKind::kAll ? 1 : request.names.size();
  context.service.send(std::move(request),
                       [call = std::move(call), kind, named](Result<SendReply> sent) mutable {
                         answer_send(std::move(call), kind, named, std::move(sent));
                       });
}

}  // namespace

void send_to_reg_ids(ApiContext& context, CallPtr call) {
  send(context, std::move(call), TargetKind::kRegId);
}
void send_to_aliases(ApiContext& context, CallPtr call) {
  send(context, std::move(call), TargetKind::kAlias);
}
void send_to_accounts(ApiContext& context, CallPtr call) {
  send(context, std::move(call), TargetKind::kUserAccount);
}
void send_to_topics(ApiContext& context, CallPtr call) {
  send(context, std::move(call), TargetKind::kTopic);
}
void send_to_all(ApiContext& context, CallPtr call) {
  send(context, std::move(call), TargetKind::kAll);
}

}  // namespace longwire::http
