#include "sdk/cpp/xmpp_link.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "sdk/cpp/login_refusal.h"
#include "sdk/cpp/stanzas.h"

namespace longwire::sdk {

namespace {

constexpr const char* kResource = "longwire";
constexpr std::string_view kRequestPrefix = "lw";

void initialize_library() {
  static std::once_flag once;
  std::call_once(once, [] { xmpp_initialize(); });
}

std::string request_id(std::uint64_t request) {
  return std::string(kRequestPrefix) + std::to_string(request);
}

std::optional<std::uint64_t> request_of(const char* id) {
  const std::string_view text = id == nullptr ? "" : id;
  if (text.substr(0, kRequestPrefix.size()) != kRequestPrefix) return std::nullopt;
  std::uint64_t request = 0;
  const char* end = text.data() + text.size();
  auto [stopped, problem] = std::from_chars(text.data() + kRequestPrefix.size(), end, request);
  if (problem != std::errc() || stopped != end) return std::nullopt;
  return request;
}

LinkClosed closed_by(LoginRefusal refusal) {
  switch (refusal) {
    case LoginRefusal::kPassword:
      return {CloseReason::kRefusedLogin, "the server refused the device's password"};
    case LoginRefusal::kDisabled:
      return {CloseReason::kDisabled, "the server has disabled (banned) this device's account"};
    case LoginRefusal::kTemporary:
      return {CloseReason::kLost, "the server cannot check the login now"};
    case LoginRefusal::kOther:
      break;
  }
  return {CloseReason::kLost, "the login failed, and not for its password"};
}

}  // namespace

struct XmppLink::Strophe {
  explicit Strophe(LinkEvents& its_events) : events(its_events) {
    initialize_library();
    context = xmpp_ctx_new(nullptr, &log);
  }
  ~Strophe() {
    forget_resumption();
    release();
    xmpp_ctx_free(context);
  }

  void release() {
    if (connection != nullptr) xmpp_conn_release(std::exchange(connection, nullptr));
  }
  void forget_resumption() {
    if (resumption != nullptr) xmpp_free_sm_state(std::exchange(resumption, nullptr));
  }

  static Strophe& of(void* pointer) { return *static_cast<Strophe*>(pointer); }
  static void on_log(void* pointer, xmpp_log_level_t level, const char* area, const char* text);
  static int on_bad_certificate(const xmpp_tlscert_t* certificate, const char* text);
  static int on_socket(xmpp_conn_t* connection, void* socket);
  static void on_event(xmpp_conn_t* connection, xmpp_conn_event_t event, int error,
                       xmpp_stream_error_t* stream_error, void* pointer);
  static int on_message(xmpp_conn_t* connection, xmpp_stanza_t* stanza, void* pointer);
  static int on_iq(xmpp_conn_t* connection, xmpp_stanza_t* stanza, void* pointer);
  void on_open();
  LinkClosed why_closed(int error, const xmpp_stream_error_t* stream_error) const;
  void on_closed(int error, const xmpp_stream_error_t* stream_error);

  LinkEvents& events;
  xmpp_log_t log{&on_log, this};
  xmpp_ctx_t* context = nullptr;
  xmpp_conn_t* connection = nullptr;
  xmpp_sm_state_t* resumption = nullptr;  // of the connection before
  std::string device;
  std::string domain;
  std::string untrusted;   // why the certificate was refused
  std::string last_error;  // libstrophe's words
  bool opened = false;     // this connection reached on_link_open()
  std::optional<LoginRefusal> refusal;
  int descriptor = -1;
};

namespace {
// libstrophe's certificate and socket callbacks carry no pointer of ours; they are called from
// inside its functions, on the thread that called them.
thread_local XmppLink::Strophe* calling = nullptr;

class Calling final {
 public:
  explicit Calling(XmppLink::Strophe& strophe) : before_(std::exchange(calling, &strophe)) {}
  ~Calling() { calling = before_; }
  Calling(const Calling&) = delete;
  Calling& operator=(const Calling&) = delete;

 private:
  XmppLink::Strophe* before_;
};
}  // namespace

// What the library says only to its log.
void XmppLink::Strophe::on_log(void* pointer, xmpp_log_level_t level, const char*,
                               const char* text) {
  Strophe& strophe = of(pointer);
  const std::string_view line = text;
  if (auto refusal = read_login_refusal(line); refusal.has_value()) {
    // A password is asked for, and judged, over TLS alone; whoever speaks without it proves
    // nothing.
    if (xmpp_conn_is_secured(strophe.connection) == 0) refusal = LoginRefusal::kOther;
    strophe.refusal = std::max(strophe.refusal.value_or(*refusal), *refusal);
  }
  if (level == XMPP_LEVEL_ERROR) strophe.last_error = line;
}

// The library has verified; it asks whether to overlook what it found. Nothing is.
int XmppLink::Strophe::on_bad_certificate(const xmpp_tlscert_t*, const char* text) {
  if (calling != nullptr) calling->untrusted = text == nullptr ? "unknown" : text;
  return 0;
}

int XmppLink::Strophe::on_socket(xmpp_conn_t* connection, void* socket) {
  if (calling != nullptr) calling->descriptor = *static_cast<int*>(socket);
  return xmpp_sockopt_cb_keepalive(connection, socket);
}

void XmppLink::Strophe::on_event(xmpp_conn_t*, xmpp_conn_event_t event, int error,
                                 xmpp_stream_error_t* stream_error, void* pointer) {
  if (event == XMPP_CONN_CONNECT) return of(pointer).on_open();
  if (event == XMPP_CONN_DISCONNECT || event == XMPP_CONN_FAIL)
    of(pointer).on_closed(error, stream_error);
}

void XmppLink::Strophe::on_open() {
  opened = true;
  xmpp_handler_add(connection, &on_message, nullptr, "message", nullptr, this);
  xmpp_handler_add(connection, &on_iq, nullptr, "iq", nullptr, this);
  events.on_link_open();
}

LinkClosed XmppLink::Strophe::why_closed(int error, const xmpp_stream_error_t* stream_error) const {
  std::string text;
  if (stream_error != nullptr)
    text = stream_error->text != nullptr ? stream_error->text : "the server ended the stream";
  if (stream_error != nullptr && stream_error->type == XMPP_SE_CONFLICT)
    return {CloseReason::kConflict, text};
  if (!untrusted.empty())
    return {CloseReason::kUntrusted, "the server's certificate is not trusted: " + untrusted};
  if (!opened && refusal.has_value()) return closed_by(*refusal);
  if (!text.empty()) return {CloseReason::kLost, text};
  if (!last_error.empty()) return {CloseReason::kLost, last_error};
  if (!opened)
    return {CloseReason::kLost, "cannot connect, or the server closed before the login was done"};
  return {CloseReason::kLost,
          error != 0 ? "connection lost: error " + std::to_string(error) : "connection lost"};
}

void XmppLink::Strophe::on_closed(int error, const xmpp_stream_error_t* stream_error) {
  descriptor = -1;
  events.on_link_closed(why_closed(error, stream_error));
}

int XmppLink::Strophe::on_message(xmpp_conn_t*, xmpp_stanza_t* stanza, void* pointer) {
  Strophe& strophe = of(pointer);
  const char* from = xmpp_stanza_get_from(stanza);
  const char* type = xmpp_stanza_get_type(stanza);
  // Only the server speaks for the channel: its address cannot be another account's.
  if (from == nullptr || address_of_push(strophe.domain) != from) return 1;
  if (type != nullptr && std::string_view(type) == "error") return 1;
  if (auto frame = frame_of(stanza); frame.ok()) strophe.events.on_link_frame(*frame);
  return 1;
}

int XmppLink::Strophe::on_iq(xmpp_conn_t* connection, xmpp_stanza_t* stanza, void* pointer) {
  Strophe& strophe = of(pointer);
  const char* type_text = xmpp_stanza_get_type(stanza);
  const std::string_view type = type_text == nullptr ? "" : type_text;
  if (type == "get" || type == "set") {
    if (xmpp_stanza_get_id(stanza) == nullptr) return 1;
    xmpp_send(connection, answer_stanza(stanza).get());
    return 1;
  }
  const auto request = request_of(xmpp_stanza_get_id(stanza));
  if (!request.has_value()) return 1;
  if (type == "error") {
    strophe.events.on_link_reply(*request, error_of(stanza));
  } else if (xmpp_stanza_get_children(stanza) == nullptr) {
    strophe.events.on_link_reply(*request, Bytes());
  } else {
    strophe.events.on_link_reply(*request, frame_of(stanza));
  }
  return 1;
}

XmppLink::XmppLink(LinkEvents& events) : strophe_(std::make_unique<Strophe>(events)) {}

XmppLink::~XmppLink() = default;

Status XmppLink::open(const LinkSettings& settings) {
  Calling calling_now(*strophe_);
  if (strophe_->connection != nullptr) {
    strophe_->forget_resumption();
    strophe_->resumption = xmpp_conn_get_sm_state(strophe_->connection);
    strophe_->release();
  }
  // Of another account, whose stream cannot be resumed and whose stanzas are not ours.
  if (strophe_->device != settings.device) strophe_->forget_resumption();
  strophe_->untrusted.clear();
  strophe_->last_error.clear();
  strophe_->opened = false;
  strophe_->refusal.reset();
  strophe_->device = settings.device;
  strophe_->domain = settings.domain;

  xmpp_conn_t* connection = strophe_->connection = xmpp_conn_new(strophe_->context);
  const std::string jid = settings.device + "@" + settings.domain + "/" + kResource;
  long flags = XMPP_CONN_FLAG_MANDATORY_TLS;
  if (settings.direct_tls) flags = XMPP_CONN_FLAG_LEGACY_SSL;
  xmpp_conn_set_flags(connection, flags);
  xmpp_conn_set_jid(connection, jid.c_str());
  xmpp_conn_set_pass(connection, settings.password.c_str());
  if (!settings.ca_file.empty()) xmpp_conn_set_cafile(connection, settings.ca_file.c_str());
  xmpp_conn_set_certfail_handler(connection, &Strophe::on_bad_certificate);
  xmpp_conn_set_sockopt_callback(connection, &Strophe::on_socket);
  if (strophe_->resumption != nullptr &&
      xmpp_conn_set_sm_state(connection, strophe_->resumption) == XMPP_EOK)
    strophe_->resumption = nullptr;
  if (xmpp_connect_client(connection, settings.host.c_str(), settings.port, &Strophe::on_event,
                          strophe_.get()) == XMPP_EOK)
    return {};
  return Error{ErrorCode::kUnavailable,
               "cannot connect to " + settings.host + ":" + std::to_string(settings.port) +
                   (strophe_->last_error.empty() ? "" : ": " + strophe_->last_error)};
}

void XmppLink::close() {
  Calling calling_now(*strophe_);
  if (!is_closed()) xmpp_disconnect(strophe_->connection);
}

bool XmppLink::is_closed() const {
  return strophe_->connection == nullptr || xmpp_conn_is_disconnected(strophe_->connection) != 0;
}

void XmppLink::send_request(std::uint64_t request, BytesView frame) {
  Stanza stanza = request_stanza(strophe_->context, request_id(request),
                                 address_of_push(strophe_->domain), frame);
  xmpp_send(strophe_->connection, stanza.get());
}

void XmppLink::send_frame(BytesView frame) {
  Stanza stanza = frame_stanza(strophe_->context, address_of_push(strophe_->domain), frame);
  xmpp_send(strophe_->connection, stanza.get());
}

void XmppLink::send_ping(std::uint64_t request) {
  Stanza stanza = ping_stanza(strophe_->context, request_id(request), strophe_->domain);
  xmpp_send(strophe_->connection, stanza.get());
}

void XmppLink::run(std::chrono::milliseconds timeout) {
  Calling calling_now(*strophe_);
  xmpp_run_once(strophe_->context, static_cast<unsigned long>(timeout.count()));
}

int XmppLink::descriptor() const { return strophe_->descriptor; }

}  // namespace longwire::sdk
