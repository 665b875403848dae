#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/precis.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"
#include "xmpp/session/stream.h"
#include "xmpp/session/stream_login.h"
#include "xmpp/session/stream_management.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kResourceBytes = 9;

// "<loop>.<secret>": the loop's number leads a client that comes in elsewhere.
std::uint32_t loop_of(std::string_view name, std::uint32_t otherwise) {
  const std::size_t dot = name.find('.');
  std::uint32_t loop = otherwise;
  if (dot == std::string_view::npos) return otherwise;
  const auto result = std::from_chars(name.data(), name.data() + dot, loop);
  return result.ec == std::errc() && result.ptr == name.data() + dot ? loop : otherwise;
}

}  // namespace

void Stream::on_authenticated_element(Element element) {
  if (element.is("iq", ns::kClient) && element.child("bind", ns::kBind) &&
      element.attribute_or_empty("type") == "set") {
    bind(element);
    return;
  }
  if (element.is("resume", ns::kStreamManagement)) {
    resume(element);
    return;
  }
  if (element.is("enable", ns::kStreamManagement)) {
    transport_.write(
        "<failed xmlns='urn:xmpp:sm:3'><unexpected-request "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
    return;
  }
  close(StreamError::kNotAuthorized, "bind first");
}

void Stream::bind(Element iq) {
  const std::string_view wanted = iq.child("bind", ns::kBind).child("resource", ns::kBind).text();
  std::string resource;
  if (wanted.empty()) {
    resource = base64url_encode(host_.random().bytes(kResourceBytes));
  } else if (auto prepared = prepare_opaque(wanted)) {
    resource = std::move(*prepared);
  } else {
    transport_.write(error_reply(iq, StanzaError::kBadRequest, {}));
    return;
  }
  if (Session* old = host_.sessions.find(account_, resource)) {
    // RFC 6120 section 7.7.2.2: the newer one wins.
    old->end(StreamError::kConflict);
  } else if (host_.sessions.count_of(account_) >=
             static_cast<std::size_t>(host_.config.resources_max)) {
    transport_.write(error_reply(iq, StanzaError::kResourceConstraint, {}));
    return;
  }
  open_session(std::string(iq.attribute_or_empty("id")), std::move(resource));
}

void Stream::open_session(std::string id, std::string resource) {
  wait();
  middle::OpenSessionRequest request{account_, resource, host_.node,
                                     static_cast<std::size_t>(host_.config.resources_max)};
  SessionHost& host = host_;
  host_.service->open_session(
      std::move(request), [&host, handle = handle_, account = account_, id = std::move(id),
                           resource = std::move(resource)](Result<middle::OpenedSession> opened) {
        Stream* stream = host.streams.find(handle);
        if (stream != nullptr && stream->phase_ == Phase::kAuthenticated) {
          stream->session_opened(id, resource, std::move(opened));
          return;
        }
        // The client left meanwhile: nobody is there to hold the session.
        if (!opened.ok()) return;
        host.service->close_session({account, resource, host.node}, opened->number, {},
                                    [](Result<void>) {});
      });
}

void Stream::session_opened(const std::string& id, const std::string& resource,
                            Result<middle::OpenedSession> opened) {
  std::string out = "<iq";
  if (!opened.ok()) {
    const StanzaError error = stanza_error_of(opened.error().code);
    out.append(" type='error'");
    append_attribute("id", id, out);
    out.push_back('>');
    append_stanza_error(error, {}, out);
    transport_.write(out.append("</iq>"));
    continue_reading();
    return;
  }
  // Another bind of the same resource may have come in between.
  if (Session* old = host_.sessions.find(account_, resource)) old->end(StreamError::kConflict);
  auto session = std::make_unique<Session>(host_, account_, resource, *opened);
  Session& bound = *session;
  host_.sessions.add(std::move(session));
  out.append(" type='result'");
  append_attribute("id", id, out);
  out.append("><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>");
  append_escaped(bound.jid(), out);
  transport_.write(out.append("</jid></bind></iq>"));
  become_bound();
  bound.attach(*this);
  bound.open_channels(opened->registrations);
  continue_reading();
}

void Stream::become_bound() {
  phase_ = Phase::kBound;
  login_.reset();
  host_.addresses.logged_in(transport_.peer_ip());
  host_.metrics.logins.add();
}

void Stream::resume(Element element) {
  const auto client_count = read_count(element.attribute_or_empty("h"));
  if (!client_count) {
    resume_failed(StanzaError::kBadRequest);
    return;
  }
  const std::string name(element.attribute_or_empty("previd"));
  const std::uint32_t loop = loop_of(name, host_.loop_index);
  if (loop != host_.loop_index && host_.hand_over != nullptr) {
    login_->resumption = name;
    login_->client_count = *client_count;
    if (host_.hand_over->hand_over(*this, loop)) return;
  }
  resume_here(name, *client_count);
}

void Stream::resume_here(const std::string& name, std::uint32_t client_count) {
  Session* session = host_.sessions.find_resumption(name);
  // Somebody else's name is as unknown as one that never was.
  if (session == nullptr || session->account() != account_) {
    resume_failed(StanzaError::kItemNotFound);
    return;
  }
  if (!session->can_resume(client_count)) {
    // What the client lacks is gone: it starts anew, with a bind.
    if (session->goes_back(client_count)) return resume_failed(StanzaError::kBadRequest);
    return session->refuse_count(*this, client_count);
  }
  if (!waiting_) wait();
  session->resume(*this, client_count);
}

void Stream::resume_failed(StanzaError why) {
  std::string out = "<failed xmlns='urn:xmpp:sm:3'><";
  out.append(stanza_error_name(why));
  append_attribute("xmlns", ns::kStanzaErrors, out);
  transport_.write(out.append("/></failed>"));
}

}  // namespace longwire::xmpp
