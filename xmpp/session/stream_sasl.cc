#include <optional>
#include <utility>
#include <variant>

#include "base/encoding.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/session/session.h"
#include "xmpp/session/stream.h"
#include "xmpp/session/stream_login.h"

namespace longwire::xmpp {
namespace {

// RFC 6120 section 6.4.2: "=" is an empty message, nothing at all is none.
std::optional<Bytes> decode_message(std::string_view text, bool& bad) {
  bad = false;
  if (text.empty()) return std::nullopt;
  if (text == "=") return Bytes();
  auto bytes = base64_decode(text);
  bad = !bytes.has_value();
  return bytes;
}

}  // namespace

void Stream::on_sasl_element(Element element) {
  if (element.ns() != ns::kSasl) {
    if (element.is("starttls", ns::kTls)) {
      transport_.write("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
      close(StreamError::kNone);
      return;
    }
    close(StreamError::kNotAuthorized);
    return;
  }
  if (element.name() == "auth") {
    sasl_start(element);
    return;
  }
  if (element.name() == "abort") {
    login_->sasl.reset();
    sasl_failed(SaslFailure::kAborted);
    return;
  }
  if (element.name() != "response" || login_->sasl == nullptr) {
    sasl_failed(SaslFailure::kMalformedRequest);
    return;
  }
  bool bad = false;
  const auto message = decode_message(element.text(), bad);
  if (bad) {
    sasl_failed(SaslFailure::kIncorrectEncoding);
    return;
  }
  sasl_step(login_->sasl->respond(message.value_or(Bytes())));
}

void Stream::sasl_start(Element auth) {
  if (login_->sasl != nullptr) {
    sasl_failed(SaslFailure::kMalformedRequest);
    return;
  }
  if (host_.addresses.shut_out(transport_.peer_ip())) {
    close(StreamError::kPolicyViolation, "too many failed attempts");
    return;
  }
  bool bad = false;
  auto initial = decode_message(auth.text(), bad);
  if (bad) {
    sasl_failed(SaslFailure::kIncorrectEncoding);
    return;
  }
  login_->sasl =
      std::make_unique<SaslServer>(SaslServer::Options{.domain = host_.domain,
                                                       .unknown_secret = host_.unknown_secret,
                                                       .bindings = transport_.channel_bindings()},
                                   host_.random());
  sasl_step(login_->sasl->start(auth.attribute_or_empty("mechanism"), std::move(initial)));
}

void Stream::sasl_step(SaslStep step) {
  if (const auto* needs = std::get_if<SaslNeedsCredentials>(&step)) {
    look_up(needs->account);
  } else if (auto* password = std::get_if<SaslNeedsKeys>(&step)) {
    derive(std::move(*password));
  } else if (const auto* challenge = std::get_if<SaslChallenge>(&step)) {
    std::string out = "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>";
    base64_append(challenge->data, out);
    transport_.write(out.append("</challenge>"));
  } else if (const auto* success = std::get_if<SaslSuccess>(&step)) {
    sasl_succeeded(*success);
  } else {
    sasl_failed(std::get<SaslFailure>(step));
  }
}

void Stream::look_up(const std::string& account) {
  wait();
  SessionHost& host = host_;
  host_.service->credentials(
      middle::XmppAccount(account), [&host, handle = handle_](Result<middle::Credentials> found) {
        Stream* stream = host.streams.find(handle);
        if (stream == nullptr || !stream->attempts_login()) return;
        if (!found.ok() && found.error().code != ErrorCode::kNotFound)
          return stream->answer_sasl(SaslFailure::kTemporaryAuthFailure);
        std::optional<middle::Credentials> credentials;
        if (found.ok()) credentials = std::move(found).value();
        stream->answer_sasl(stream->login_->sasl->credentials(std::move(credentials)));
      });
}

// Elsewhere: it would hold up everybody else of this loop.
void Stream::derive(SaslNeedsKeys needs) {
  wait();
  SessionHost& host = host_;
  host_.keys.post([&host, handle = handle_, needs = std::move(needs)]() mutable {
    host.environment.executor.post([&host, handle, keys = derive_keys(std::move(needs))] {
      Stream* stream = host.streams.find(handle);
      if (stream == nullptr || !stream->attempts_login()) return;
      stream->answer_sasl(stream->login_->sasl->keys(keys));
    });
  });
}

bool Stream::attempts_login() const { return phase_ == Phase::kSecured && login_->sasl != nullptr; }

// What was awaited has come; it may be that more is.
void Stream::answer_sasl(SaslStep step) {
  const bool waits_on = std::holds_alternative<SaslNeedsKeys>(step);
  sasl_step(std::move(step));
  if (!waits_on) continue_reading();
}

void Stream::sasl_failed(SaslFailure failure) {
  login_->sasl.reset();
  std::string out = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><";
  out.append(sasl_failure_name(failure)).append("/></failure>");
  transport_.write(out);
  // Giving up, or asking for what does not work here, is no guess at a password.
  if (failure == SaslFailure::kNotAuthorized || failure == SaslFailure::kInvalidAuthzid) {
    host_.metrics.login_failures.add();
    host_.addresses.failed(transport_.peer_ip());
  }
  if (++login_->attempts_failed < host_.config.login_attempts_max) return;
  close(StreamError::kPolicyViolation, "too many failed attempts");
}

void Stream::sasl_succeeded(const SaslSuccess& success) {
  login_->sasl.reset();
  account_ = middle::XmppAccount(success.account);
  std::string out = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>";
  base64_append(success.data, out);
  transport_.write(out.append("</success>"));
  phase_ = Phase::kAuthenticatedHeader;
  reader_.restart(false);
}

}  // namespace longwire::xmpp
