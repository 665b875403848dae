#include "xmpp/session/stream.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/precis.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"
#include "xmpp/session/stream_features.h"
#include "xmpp/session/stream_login.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kStreamIdBytes = 12;

}  // namespace

Stream::Stream(SessionHost& host, Transport& transport, bool secured)
    : host_(host),
      transport_(transport),
      reader_(host.xml),
      login_(std::make_unique<Login>()),
      phase_(secured ? Phase::kSecuredHeader : Phase::kPlainHeader) {
  handle_ = host_.streams.add(*this);
  login_->deadline = host_.clock().monotonic() + host_.config.login_timeout;
}

Stream::~Stream() {
  CHECK(session_ == nullptr);
  host_.streams.remove(handle_);
}

PieceLimits Stream::limits() const {
  return phase_ == Phase::kBound ? session_limits(host_.config) : login_limits(host_.config);
}

void Stream::on_data(BytesView bytes) {
  if (phase_ == Phase::kClosed) return;
  if (login_ != nullptr) {
    login_->bytes += bytes.size();
    if (login_->bytes > static_cast<std::size_t>(host_.config.login_bytes_max)) {
      close(StreamError::kPolicyViolation, "too much before login");
      return;
    }
  }
  reader_.feed(bytes);
  if (waiting_) {
    reader_.hold();
    return;
  }
  run();
}

void Stream::run() {
  running_ = true;
  read_pieces();
  running_ = false;
}

void Stream::read_pieces() {
  while (phase_ != Phase::kClosed && !waiting_) {
    switch (reader_.next(limits())) {
      case Piece::kNone:
        return;
      case Piece::kHeader:
        on_header();
        break;
      case Piece::kStanza:
        on_element(reader_.element());
        break;
      case Piece::kEnd:
        on_end();
        return;
      case Piece::kError:
        close(reader_.error());
        return;
    }
  }
  reader_.hold();
}

void Stream::wait() {
  waiting_ = true;
  transport_.set_reading(false);
}

void Stream::continue_reading() {
  if (!waiting_ || phase_ == Phase::kClosed) return;
  waiting_ = false;
  transport_.set_reading(true);
  // The answer came at once, from inside the reading: that goes on by itself.
  if (running_) return;
  reader_.feed({});
  run();
}

void Stream::on_end() {
  // An orderly end: nothing to resume later. The session is destroyed by it.
  if (Session* session = std::exchange(session_, nullptr)) session->end_by_client();
  close(StreamError::kNone);
}

void Stream::on_writable(bool writable) {
  if (session_ != nullptr) session_->on_writable(writable);
}

void Stream::on_closed() {
  phase_ = Phase::kClosed;
  if (session_ == nullptr) return;
  Session* session = std::exchange(session_, nullptr);
  session->on_stream_lost();
}

bool Stream::login_in_time(MonotonicTime now) {
  return login_ == nullptr || phase_ == Phase::kClosed || now < login_->deadline;
}

void Stream::ping() {
  if (session_ != nullptr) session_->ping();
}

void Stream::close(StreamError error, std::string_view text, std::string_view extra) {
  if (phase_ == Phase::kClosed) return;
  std::string out;
  // An error before the header still needs one to stand in.
  if (error != StreamError::kNone && login_ != nullptr && !login_->header_sent) write_header({});
  if (error != StreamError::kNone) append_stream_error(error, text, extra, out);
  if (login_ == nullptr || login_->header_sent) out.append("</stream:stream>");
  transport_.write(out);
  phase_ = Phase::kClosed;
  if (session_ != nullptr) {
    Session* session = std::exchange(session_, nullptr);
    session->on_stream_refused(error);
  }
  transport_.close();
}

void Stream::write_header(std::string_view to) {
  std::string out =
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams' id='";
  out.append(base64url_encode(host_.random().bytes(kStreamIdBytes)));
  out.append("' from='").append(host_.domain).append("' version='1.0' xml:lang='en'");
  if (!to.empty()) append_attribute("to", to, out);
  out.push_back('>');
  transport_.write(out);
  login_->header_sent = true;
}

StreamError Stream::check_header(const StreamHeader& header) const {
  const auto domain = prepare_domain(header.to);
  if (!domain || *domain != host_.domain) return StreamError::kHostUnknown;
  if (header.version.empty() || header.version[0] == '0') return StreamError::kUnsupportedVersion;
  if (phase_ != Phase::kAuthenticatedHeader || header.from.empty()) return StreamError::kNone;
  const auto from = parse_jid(header.from);
  if (!from || from->local != account_.value() || from->domain != host_.domain)
    return StreamError::kInvalidFrom;
  return StreamError::kNone;
}

void Stream::on_header() {
  const StreamHeader& header = reader_.header();
  login_->header_sent = false;
  const auto from = parse_jid(header.from);
  const bool good_from = from && from->domain == host_.domain;
  write_header(good_from ? std::string_view(header.from) : std::string_view());
  if (const StreamError error = check_header(header); error != StreamError::kNone) {
    close(error);
    return;
  }
  reader_.drop_header();
  switch (phase_) {
    case Phase::kPlainHeader:
      phase_ = Phase::kPlain;
      break;
    case Phase::kSecuredHeader:
      phase_ = Phase::kSecured;
      break;
    case Phase::kAuthenticatedHeader:
      phase_ = Phase::kAuthenticated;
      break;
    default:
      close(StreamError::kNotWellFormed);
      return;
  }
  write_features();
}

void Stream::write_features() {
  std::string out = "<stream:features>";
  if (phase_ == Phase::kPlain) append_plain_features(out);
  if (phase_ == Phase::kSecured) append_login_features(transport_.channel_bindings(), out);
  if (phase_ == Phase::kAuthenticated) append_session_features(host_.config, out);
  append_limits(
      phase_ == Phase::kAuthenticated ? session_limits(host_.config).bytes
                                      : login_limits(host_.config).bytes,
      phase_ == Phase::kAuthenticated ? host_.config.idle_timeout : host_.config.login_timeout,
      out);
  out.append("</stream:features>");
  transport_.write(out);
}

void Stream::on_element(Element element) {
  switch (phase_) {
    case Phase::kPlain:
      on_plain_element(element);
      return;
    case Phase::kSecured:
      on_sasl_element(element);
      return;
    case Phase::kAuthenticated:
      on_authenticated_element(element);
      return;
    case Phase::kBound:
      session_->on_element(element);
      return;
    case Phase::kPlainHeader:
    case Phase::kSecuredHeader:
    case Phase::kAuthenticatedHeader:
    case Phase::kClosed:
      close(StreamError::kNotWellFormed);
      return;
  }
}

void Stream::on_plain_element(Element element) {
  if (element.is("starttls", ns::kTls)) {
    transport_.write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    phase_ = Phase::kSecuredHeader;
    // Whatever came behind <starttls/> in clear was never part of the secured stream.
    reader_.restart(true);
    transport_.start_tls();
    return;
  }
  if (element.is("auth", ns::kSasl)) {
    transport_.write(
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><encryption-required/></failure>");
    return;
  }
  close(StreamError::kPolicyViolation, "TLS first");
}

// ---- between loops

Stream::Moved Stream::move_out() {
  Moved moved{account_, reader_.move_out(), login_->resumption, login_->client_count};
  phase_ = Phase::kClosed;
  return moved;
}

void Stream::move_in(Moved moved) {
  account_ = std::move(moved.account);
  reader_.move_in(std::move(moved.reader));
  login_->header_sent = true;
  phase_ = Phase::kAuthenticated;
  waiting_ = true;
  resume_here(moved.resumption, moved.client_count);
  if (phase_ == Phase::kAuthenticated) continue_reading();
}

}  // namespace longwire::xmpp
