#include "sdk/cpp/stanzas.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/encoding.h"

namespace longwire::sdk {

namespace {

constexpr const char* kChannel = "urn:longwire:channel:1";
constexpr const char* kPing = "urn:xmpp:ping";

constexpr std::array<std::pair<std::string_view, ErrorCode>, 11> kConditions{{
    {"bad-request", ErrorCode::kInvalidArgument},
    {"not-authorized", ErrorCode::kUnauthenticated},
    {"forbidden", ErrorCode::kPermissionDenied},
    {"item-not-found", ErrorCode::kNotFound},
    {"conflict", ErrorCode::kAlreadyExists},
    {"resource-constraint", ErrorCode::kUnavailable},
    {"policy-violation", ErrorCode::kResourceExhausted},
    {"service-unavailable", ErrorCode::kUnavailable},
    {"feature-not-implemented", ErrorCode::kUnsupported},
    {"remote-server-timeout", ErrorCode::kDeadlineExceeded},
    {"internal-server-error", ErrorCode::kInternal},
}};

std::string text_of(xmpp_stanza_t* stanza) {
  char* text = xmpp_stanza_get_text(stanza);
  if (text == nullptr) return {};
  std::string copy(text);
  xmpp_free(xmpp_stanza_get_context(stanza), text);
  return copy;
}

void add_child(xmpp_stanza_t* parent, const char* name, const char* ns,
               const std::string* text = nullptr) {
  xmpp_ctx_t* context = xmpp_stanza_get_context(parent);
  Stanza child(xmpp_stanza_new(context));
  xmpp_stanza_set_name(child.get(), name);
  xmpp_stanza_set_ns(child.get(), ns);
  if (text != nullptr) {
    Stanza content(xmpp_stanza_new(context));
    xmpp_stanza_set_text_with_size(content.get(), text->data(), text->size());
    xmpp_stanza_add_child(child.get(), content.get());
  }
  xmpp_stanza_add_child(parent, child.get());
}

void add_frame(xmpp_stanza_t* parent, BytesView frame) {
  const std::string text = base64_encode(frame);
  add_child(parent, "frame", kChannel, &text);
}

}  // namespace

std::string address_of_push(const std::string& domain) { return "push." + domain; }

Stanza request_stanza(xmpp_ctx_t* context, const std::string& id, const std::string& to,
                      BytesView frame) {
  Stanza stanza(xmpp_iq_new(context, "set", id.c_str()));
  xmpp_stanza_set_to(stanza.get(), to.c_str());
  add_frame(stanza.get(), frame);
  return stanza;
}

Stanza frame_stanza(xmpp_ctx_t* context, const std::string& to, BytesView frame) {
  Stanza stanza(xmpp_message_new(context, "headline", to.c_str(), nullptr));
  add_frame(stanza.get(), frame);
  return stanza;
}

Stanza ping_stanza(xmpp_ctx_t* context, const std::string& id, const std::string& to) {
  Stanza stanza(xmpp_iq_new(context, "get", id.c_str()));
  xmpp_stanza_set_to(stanza.get(), to.c_str());
  add_child(stanza.get(), "ping", kPing);
  return stanza;
}

Stanza answer_stanza(xmpp_stanza_t* request) {
  if (xmpp_stanza_get_child_by_ns(request, kPing) == nullptr)
    return Stanza(xmpp_stanza_reply_error(request, "cancel", "service-unavailable", nullptr));
  Stanza answer(xmpp_stanza_reply(request));
  xmpp_stanza_set_type(answer.get(), "result");
  return answer;
}

Result<Bytes> frame_of(xmpp_stanza_t* stanza) {
  const Error corrupt{ErrorCode::kCorrupt, "a stanza without a frame"};
  xmpp_stanza_t* frame = xmpp_stanza_get_child_by_name_and_ns(stanza, "frame", kChannel);
  if (frame == nullptr) return corrupt;
  auto decoded = base64_decode(text_of(frame));
  if (!decoded.has_value()) return corrupt;
  return std::move(*decoded);
}

Error error_of(xmpp_stanza_t* stanza) {
  Error error{ErrorCode::kInternal, "the server refused"};
  xmpp_stanza_t* child = xmpp_stanza_get_child_by_name(stanza, "error");
  if (child == nullptr) return error;
  for (const auto& [condition, code] : kConditions) {
    if (xmpp_stanza_get_child_by_name(child, std::string(condition).c_str()) == nullptr) continue;
    error = {code, std::string(condition)};
  }
  if (xmpp_stanza_t* text = xmpp_stanza_get_child_by_name(child, "text"); text != nullptr)
    error.message = text_of(text);
  return error;
}

}  // namespace longwire::sdk
