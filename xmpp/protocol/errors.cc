#include "xmpp/protocol/errors.h"

#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"

namespace longwire::xmpp {

std::string_view stream_error_name(StreamError error) {
  switch (error) {
    case StreamError::kNone:
      return "none";
    case StreamError::kBadFormat:
      return "bad-format";
    case StreamError::kBadNamespacePrefix:
      return "bad-namespace-prefix";
    case StreamError::kConflict:
      return "conflict";
    case StreamError::kConnectionTimeout:
      return "connection-timeout";
    case StreamError::kHostUnknown:
      return "host-unknown";
    case StreamError::kImproperAddressing:
      return "improper-addressing";
    case StreamError::kInternalServerError:
      return "internal-server-error";
    case StreamError::kInvalidFrom:
      return "invalid-from";
    case StreamError::kInvalidNamespace:
      return "invalid-namespace";
    case StreamError::kInvalidXml:
      return "invalid-xml";
    case StreamError::kNotAuthorized:
      return "not-authorized";
    case StreamError::kNotWellFormed:
      return "not-well-formed";
    case StreamError::kPolicyViolation:
      return "policy-violation";
    case StreamError::kReset:
      return "reset";
    case StreamError::kResourceConstraint:
      return "resource-constraint";
    case StreamError::kRestrictedXml:
      return "restricted-xml";
    case StreamError::kSystemShutdown:
      return "system-shutdown";
    case StreamError::kUndefinedCondition:
      return "undefined-condition";
    case StreamError::kUnsupportedEncoding:
      return "unsupported-encoding";
    case StreamError::kUnsupportedFeature:
      return "unsupported-feature";
    case StreamError::kUnsupportedStanzaType:
      return "unsupported-stanza-type";
    case StreamError::kUnsupportedVersion:
      return "unsupported-version";
  }
  return "undefined-condition";
}

void append_stream_error(StreamError error, std::string_view text, std::string_view extra,
                         std::string& out) {
  out.append("<stream:error><").append(stream_error_name(error));
  append_attribute("xmlns", ns::kStreamErrors, out);
  out.append("/>");
  if (!text.empty()) {
    out.append("<text");
    append_attribute("xmlns", ns::kStreamErrors, out);
    out.push_back('>');
    append_escaped(text, out);
    out.append("</text>");
  }
  out.append(extra).append("</stream:error>");
}

std::string_view stanza_error_name(StanzaError error) {
  switch (error) {
    case StanzaError::kAway:
      return "service-unavailable";
    case StanzaError::kBadRequest:
      return "bad-request";
    case StanzaError::kConflict:
      return "conflict";
    case StanzaError::kFeatureNotImplemented:
      return "feature-not-implemented";
    case StanzaError::kForbidden:
      return "forbidden";
    case StanzaError::kInternalServerError:
      return "internal-server-error";
    case StanzaError::kItemNotFound:
      return "item-not-found";
    case StanzaError::kJidMalformed:
      return "jid-malformed";
    case StanzaError::kNotAcceptable:
      return "not-acceptable";
    case StanzaError::kNotAllowed:
      return "not-allowed";
    case StanzaError::kNotAuthorized:
      return "not-authorized";
    case StanzaError::kPolicyViolation:
      return "policy-violation";
    case StanzaError::kRemoteServerNotFound:
      return "remote-server-not-found";
    case StanzaError::kRemoteServerTimeout:
      return "remote-server-timeout";
    case StanzaError::kResourceConstraint:
      return "resource-constraint";
    case StanzaError::kServiceUnavailable:
      return "service-unavailable";
    case StanzaError::kUndefinedCondition:
      return "undefined-condition";
    case StanzaError::kUnexpectedRequest:
      return "unexpected-request";
  }
  return "undefined-condition";
}

std::string_view stanza_error_type(StanzaError error) {
  switch (error) {
    case StanzaError::kBadRequest:
    case StanzaError::kJidMalformed:
    case StanzaError::kNotAcceptable:
    case StanzaError::kPolicyViolation:
      return "modify";
    case StanzaError::kForbidden:
    case StanzaError::kNotAuthorized:
      return "auth";
    case StanzaError::kAway:
    case StanzaError::kRemoteServerTimeout:
    case StanzaError::kResourceConstraint:
    case StanzaError::kUnexpectedRequest:
    case StanzaError::kInternalServerError:
      return "wait";
    case StanzaError::kConflict:
    case StanzaError::kFeatureNotImplemented:
    case StanzaError::kItemNotFound:
    case StanzaError::kNotAllowed:
    case StanzaError::kRemoteServerNotFound:
    case StanzaError::kServiceUnavailable:
    case StanzaError::kUndefinedCondition:
      return "cancel";
  }
  return "cancel";
}

StanzaError stanza_error_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kCorrupt:
      return StanzaError::kBadRequest;
    case ErrorCode::kUnauthenticated:
      return StanzaError::kNotAuthorized;
    case ErrorCode::kPermissionDenied:
      return StanzaError::kForbidden;
    case ErrorCode::kNotFound:
      return StanzaError::kItemNotFound;
    case ErrorCode::kAlreadyExists:
      return StanzaError::kConflict;
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeposed:
      return StanzaError::kResourceConstraint;
    case ErrorCode::kUnsupported:
      return StanzaError::kFeatureNotImplemented;
    case ErrorCode::kDeadlineExceeded:
      return StanzaError::kRemoteServerTimeout;
    case ErrorCode::kUnknownOutcome:
    case ErrorCode::kInternal:
      return StanzaError::kInternalServerError;
  }
  return StanzaError::kInternalServerError;
}

StanzaError stanza_error_of(const Error& error) {
  if (error.code == ErrorCode::kResourceExhausted && error.retry_after.count() == 0)
    return StanzaError::kPolicyViolation;
  if (error.code == ErrorCode::kUnavailable && error.retry_after.count() == 0)
    return StanzaError::kAway;
  return stanza_error_of(error.code);
}

void append_stanza_error(StanzaError error, std::string_view text, std::string& out) {
  out.append("<error type='").append(stanza_error_type(error)).append("'><");
  out.append(stanza_error_name(error));
  append_attribute("xmlns", ns::kStanzaErrors, out);
  out.append("/>");
  if (!text.empty()) {
    out.append("<text");
    append_attribute("xmlns", ns::kStanzaErrors, out);
    out.push_back('>');
    append_escaped(text, out);
    out.append("</text>");
  }
  out.append("</error>");
}

std::string error_reply(Element stanza, StanzaError error, std::string_view to,
                        std::string_view text) {
  std::string out = "<";
  out.append(stanza.name()).append(" type='error'");
  if (const auto id = stanza.attribute("id")) append_attribute("id", *id, out);
  if (const auto from = stanza.attribute("to"); from && !from->empty())
    append_attribute("from", *from, out);
  if (!to.empty()) append_attribute("to", to, out);
  out.push_back('>');
  append_stanza_error(error, text, out);
  out.append("</").append(stanza.name()).append(">");
  return out;
}

}  // namespace longwire::xmpp
