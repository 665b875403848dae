#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_engine.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/detached.h"
#include "xmpp/session/inactive_queue.h"
#include "xmpp/session/session.h"
#include "xmpp/session/stream.h"
#include "xmpp/session/stream_management.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kResumptionBytes = 18;
constexpr std::string_view kFailedUnexpected =
    "<failed xmlns='urn:xmpp:sm:3'><unexpected-request "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";

std::int64_t seconds(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

}  // namespace

void Session::on_management(Element element) {
  const std::string_view name = element.name();
  if (name == "r" && management_) {
    management_->ask_answer();
    write_due_answers();
  } else if (name == "a" && management_) {
    on_acknowledged(element);
  } else if (name == "enable" && !management_) {
    enable_management(element);
  } else if (name == "enable") {
    stream_->close(StreamError::kPolicyViolation, "enabled already");
  } else if (name == "resume") {
    stream_->write(kFailedUnexpected);
  } else {
    stream_->close(StreamError::kUnsupportedStanzaType);
  }
}

void Session::enable_management(Element element) {
  management_ = std::make_unique<StreamManagement>();
  const std::string_view resume = element.attribute_or_empty("resume");
  std::string out = "<enabled xmlns='urn:xmpp:sm:3'";
  if (resume == "true" || resume == "1") {
    resumption_ =
        std::make_unique<std::string>(std::to_string(host_.loop_index) + "." +
                                      base64url_encode(host_.random().bytes(kResumptionBytes)));
    host_.sessions.name_resumption(*resumption_, handle_);
    append_attribute("id", *resumption_, out);
    append_attribute("resume", "true", out);
    append_attribute("max", std::to_string(seconds(host_.config.resume_timeout)), out);
  }
  stream_->write(out.append("/>"));
}

void Session::on_acknowledged(Element element) {
  const auto count = read_count(element.attribute_or_empty("h"));
  if (!count) {
    stream_->close(StreamError::kPolicyViolation, "an answer without its number");
    return;
  }
  const auto archived = management_->acknowledged(*count);
  if (!archived) return refuse_count(*stream_, *count);
  host_.handler->on_delivered(*this, *archived);
  if (management_->wants_request() && stream_ != nullptr)
    stream_->write("<r xmlns='urn:xmpp:sm:3'/>");
}

void Session::refuse_count(Stream& stream, std::uint32_t count) const {
  if (goes_back(count)) {
    stream.close(StreamError::kUndefinedCondition, "fewer than acknowledged before");
    return;
  }
  std::string extra = "<handled-count-too-high xmlns='urn:xmpp:sm:3'";
  append_attribute("h", std::to_string(count), extra);
  append_attribute("send-count", std::to_string(management_->sent_count()), extra);
  stream.close(StreamError::kUndefinedCondition, {}, extra.append("/>"));
}

void Session::write_due_answers() {
  while (stream_ != nullptr && management_->take_answer()) write_answer();
}

void Session::write_answer() {
  stream_->write("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(management_->handled_count()) +
                 "'/>");
}

bool Session::may_leave() {
  if (under_way_ > 0) return false;
  if (!management_) return true;
  if (stream_ != nullptr && management_->wants_request())
    stream_->write("<r xmlns='urn:xmpp:sm:3'/>");
  return management_->kept_bytes() == 0;
}

// XEP-0198 section 4: whoever closes a stream says before how far it is.
void Session::leave(StreamError error) {
  if (management_ && stream_ != nullptr) write_answer();
  end(error);
}

std::uint32_t Session::handled_count() const {
  return management_ ? management_->handled_count() : 0;
}

void Session::detach() {
  if (!resumption_ || host_.stopping || host_.draining) {
    end(StreamError::kNone);
    return;
  }
  // A client that comes back is active until it says otherwise (XEP-0352 section 5).
  if (inactive_) {
    flush_inactive();
    inactive_.reset();
  }
  detached_ = std::make_unique<Detached>();
  detached_->deadline = host_.clock().monotonic() + host_.config.resume_timeout;
  host_.handler->on_writable(*this, false);
}

bool Session::resumption_expired(MonotonicTime now) const {
  return detached_ != nullptr && now >= detached_->deadline;
}

bool Session::can_resume(std::uint32_t client_count) const {
  return management_ != nullptr && management_->could_acknowledge(client_count);
}

bool Session::goes_back(std::uint32_t client_count) const {
  return management_ != nullptr && management_->goes_back(client_count);
}

void Session::resume(Stream& stream, std::uint32_t client_count) {
  if (stream_ != nullptr) {
    // The client knows before we do that its old connection is dead.
    Stream* old = std::exchange(stream_, nullptr);
    old->session_ = nullptr;
    old->close(StreamError::kConflict, "resumed elsewhere");
    detach();
  }
  detached_->waiting = stream.handle();
  detached_->client_count = client_count;
  if (management_->unhandled_count() == 0) finish_resumption();
}

void Session::finish_resumption() {
  const std::unique_ptr<Detached> detached = std::move(detached_);
  Stream* stream = host_.streams.find(detached->waiting);
  if (stream == nullptr || stream->phase() == Stream::Phase::kClosed) {
    // Its second connection is gone as well: it may try a third.
    detached_ = std::make_unique<Detached>();
    detached_->deadline = detached->deadline;
    return;
  }
  const auto archived = management_->acknowledged(detached->client_count);
  stream->become_bound();
  attach(*stream);
  std::string out = "<resumed xmlns='urn:xmpp:sm:3'";
  append_attribute("h", std::to_string(management_->handled_count()), out);
  append_attribute("previd", *resumption_, out);
  stream->write(out.append("/>"));
  for (const std::string& stanza : management_->resumed()) stream->write(stanza);
  if (management_->wants_request()) stream->write("<r xmlns='urn:xmpp:sm:3'/>");
  host_.metrics.resumptions.add();
  if (archived && !archived->empty()) host_.handler->on_delivered(*this, *archived);
  for (auto& channel : channels_) channel.second->on_resumed();
  on_writable(true);
  stream->continue_reading();
}

// XEP-0198 section 5: what the client did not get is treated as sent to a resource that is not
// there. Chat is in the archive; whoever asked something is told, and does not wait in vain.
void Session::refuse_unanswered() {
  if (!management_ || host_.stopping) return;
  XmlEngine engine;
  for (const std::string& stanza : management_->resumed()) {
    if (stanza.substr(0, 3) != "<iq") continue;
    if (engine.parse_stanza({}, stanza) != StreamError::kNone) continue;
    refuse_request(host_, engine.document().root(), StanzaError::kServiceUnavailable);
  }
}

// The server's own (a roster's push) wait for nothing, and answers are not answered.
void Session::refuse_request(SessionHost& host, Element iq, StanzaError why) {
  const std::string_view type = iq.attribute_or_empty("type");
  const auto asker = parse_jid(iq.attribute_or_empty("from"));
  const bool request = type == "get" || type == "set";
  if (!request || !asker || asker->local.empty() || asker->domain != host.domain) return;
  middle::RouteRequest refusal;
  refusal.to = middle::XmppAccount(asker->local);
  refusal.resource = asker->resource;
  refusal.mode = middle::RouteMode::kFullJid;
  refusal.stanza = error_reply(iq, why, asker->full());
  host.service->route(std::move(refusal), [](Result<middle::RouteReply>) {});
}

}  // namespace longwire::xmpp
