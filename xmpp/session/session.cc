#include "xmpp/session/session.h"

#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/detached.h"
#include "xmpp/session/inactive_queue.h"
#include "xmpp/session/stream.h"
#include "xmpp/session/stream_management.h"

namespace longwire::xmpp {

Session::Session(SessionHost& host, middle::XmppAccount account, std::string resource,
                 const middle::OpenedSession& opened)
    : host_(host),
      account_(std::move(account)),
      resource_(std::move(resource)),
      number_(opened.number),
      incarnation_(opened.incarnation),
      is_device_(middle::is_device_id(account_.value())) {
  handle_ = host_.sessions.handles().add(*this);
  host_.metrics.sessions.add(1);
}

Session::~Session() {
  channels_.clear();
  if (resumption_) host_.sessions.forget_resumption(*resumption_);
  host_.sessions.handles().remove(handle_);
  host_.metrics.sessions.add(-1);
}

std::string Session::bare_jid() const { return account_.value() + "@" + host_.domain; }
std::string Session::jid() const { return bare_jid() + "/" + resource_; }

void Session::open_channels(std::span<const middle::RegistrationView> registrations) {
  if (host_.channels == nullptr) return;
  for (const auto& channel : host_.channels->all())
    if (is_device_ || !channel->devices_only())
      channels_.emplace_back(channel.get(), channel->open(*this, registrations));
}

void Session::attach(Stream& stream) {
  stream_ = &stream;
  stream.session_ = this;
}

// ---- to the client

bool Session::blocked() const { return stream_ == nullptr || stream_->blocked(); }

void Session::send(std::string_view stanza, std::optional<middle::MessageId> archived) {
  if (ended_) return;
  if (inactive_) {
    if (inactive_->hold(stanza, static_cast<std::size_t>(host_.config.inactive_stanzas_max)))
      return;
    flush_inactive();
  }
  send_now(stanza, archived);
}

void Session::flush_inactive() {
  for (const std::string& held : inactive_->take()) send_now(held, std::nullopt);
}

void Session::send_now(std::string_view stanza, std::optional<middle::MessageId> archived) {
  host_.metrics.stanzas_out.add();
  if (management_) management_->sent(stanza, archived);
  if (stream_ != nullptr) stream_->write(stanza);
  if (management_) {
    request_acknowledgement();
    return;
  }
  if (archived && stream_ != nullptr && host_.handler != nullptr)
    host_.handler->on_delivered(*this, {*archived});
}

void Session::request_acknowledgement() {
  if (stream_ != nullptr && management_->wants_request())
    stream_->write("<r xmlns='urn:xmpp:sm:3'/>");
  if (!over_limits()) return;
  // Not from here: the caller may be in the middle of this session. Once is enough.
  SessionHost& host = host_;
  host_.environment.executor.post([&host, handle = handle_, attached = attached()] {
    Session* session = host.sessions.find(handle);
    if (session != nullptr && session->attached() == attached && session->over_limits())
      session->cut_off();
  });
}

// A client that comes back can say what it has; others may not end its session by what they send.
void Session::cut_off() {
  constexpr std::string_view kWhy = "too much is unacknowledged";
  if (stream_ == nullptr || !resumption_) return end(StreamError::kResourceConstraint, kWhy);
  Stream* stream = std::exchange(stream_, nullptr);
  stream->session_ = nullptr;
  stream->close(StreamError::kResourceConstraint, kWhy);
  detach();
}

bool Session::congested() const {
  if (!management_) return false;
  return management_->kept_stanzas() >
             static_cast<std::size_t>(host_.config.unacked_stanzas_max) / 4 ||
         management_->kept_bytes() > static_cast<std::size_t>(host_.config.unacked_bytes_max) / 4;
}

bool Session::over_limits() const {
  return management_->kept_stanzas() > static_cast<std::size_t>(host_.config.unacked_stanzas_max) ||
         management_->kept_bytes() > static_cast<std::size_t>(host_.config.unacked_bytes_max);
}

void Session::send_frame(std::string_view channel, BytesView frame) {
  if (stream_ == nullptr || ended_) return;
  // Straight into one buffer: this is the path of every push.
  static thread_local std::string out;
  out.assign("<message type='headline' from='");
  out.append(channel).append(".").append(host_.domain);
  out.append("'><frame xmlns='urn:longwire:channel:1'>");
  base64_append(frame, out);
  out.append("</frame></message>");
  if (management_) management_->sent_unkept();
  stream_->write(out);
  host_.metrics.pushes_out.add();
}

void Session::on_writable(bool writable) {
  if (writable)
    for (auto& channel : channels_) channel.second->on_writable();
  if (host_.handler != nullptr) host_.handler->on_writable(*this, writable);
}

void Session::ping() {
  if (stream_ == nullptr) return;
  // With stream management the answer is sure; white space at least makes TCP find out.
  stream_->write(management_ ? "<r xmlns='urn:xmpp:sm:3'/>" : " ");
}

void Session::registration_changed(const middle::RegistrationChanged& change) {
  for (auto& channel : channels_) channel.second->on_registration_changed(change);
}

// ---- from the client

void Session::on_element(Element element) {
  if (element.ns() == ns::kClient &&
      (element.name() == "message" || element.name() == "iq" || element.name() == "presence")) {
    on_stanza(element);
  } else if (element.ns() == ns::kStreamManagement) {
    on_management(element);
  } else if (element.ns() == ns::kClientState) {
    on_client_state(element);
  } else {
    stream_->close(StreamError::kUnsupportedStanzaType);
  }
}

// RFC 6120 section 8.1.2.1: the account or this very resource. An empty value counts as none.
bool Session::is_own(std::string_view from) const {
  if (from.empty() || from == jid()) return true;
  const auto address = parse_jid(from);
  return address && address->local == account_.value() && address->domain == host_.domain &&
         (address->is_bare() || address->resource == resource_);
}

void Session::on_stanza(Element element) {
  if (!is_own(element.attribute_or_empty("from"))) {
    stream_->close(StreamError::kInvalidFrom);
    return;
  }
  host_.metrics.stanzas_in.add();
  InboundToken token{handle_, 0};
  if (management_) token.number = management_->received();
  if (++under_way_ > host_.config.unhandled_stanzas_max) stream_->wait();
  if (on_channel_stanza(element, token)) return;
  host_.handler->on_stanza(*this, element, token);
}

void Session::handled(SessionHost& host, InboundToken token) {
  Session* session = host.sessions.find(token.session);
  if (session == nullptr || session->ended_) return;
  CHECK(session->under_way_ > 0);
  const bool was_full = session->under_way_-- > host.config.unhandled_stanzas_max;
  if (token.number != 0) session->management_->handled(token.number);
  if (session->stream_ != nullptr) {
    if (token.number != 0) session->write_due_answers();
    // Last: what is read on may end the session.
    if (was_full) session->stream_->continue_reading();
  } else if (session->detached_ && session->detached_->waiting.generation != 0 &&
             session->management_->unhandled_count() == 0) {
    session->finish_resumption();
  }
}

void Session::on_client_state(Element element) {
  if (element.name() == "inactive") {
    if (!inactive_) inactive_ = std::make_unique<InactiveQueue>();
  } else if (element.name() == "active") {
    if (!inactive_) return;
    flush_inactive();
    inactive_.reset();
  } else {
    stream_->close(StreamError::kUnsupportedStanzaType);
  }
}

// ---- the end

void Session::end_by_client() {
  stream_ = nullptr;
  end(StreamError::kNone);
}

void Session::on_stream_lost() {
  stream_ = nullptr;
  if (!ended_) detach();
}

void Session::on_stream_refused(StreamError error) {
  stream_ = nullptr;
  if (ended_) return;
  // The client broke a rule, or the server stops: with the stream goes the session, but for
  // a lost link.
  if (error == StreamError::kConnectionTimeout) {
    detach();
    return;
  }
  end(StreamError::kNone);
}

std::vector<middle::CursorMove> Session::end_readers() {
  std::vector<middle::CursorMove> moves;
  if (host_.handler != nullptr) moves = host_.handler->on_ended(*this);
  for (auto& channel : channels_)
    for (auto& move : channel.second->take_moves()) moves.push_back(std::move(move));
  return moves;
}

void Session::end(StreamError error, std::string_view text) {
  if (ended_) return;
  if (stream_ != nullptr) {
    Stream* stream = std::exchange(stream_, nullptr);
    stream->session_ = nullptr;
    stream->close(error, text);
  }
  refuse_unanswered();
  std::vector<middle::CursorMove> moves = end_readers();
  ended_ = true;
  SessionHost& host = host_;
  ++host.closes_under_way;
  host.service->close_session({account_, resource_, host.node}, number_, std::move(moves),
                              [&host](Result<void>) { --host.closes_under_way; });
  const std::unique_ptr<Session> self = host_.sessions.take(*this);
}

}  // namespace longwire::xmpp
