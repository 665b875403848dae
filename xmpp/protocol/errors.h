#pragma once

// The errors of XMPP: of a stream (RFC 6120 section 4.9), of a stanza (section 8.3), of SASL
// (section 6.5); and the one table that turns our error codes into them.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "xmpp/protocol/stanza.h"

namespace longwire::xmpp {

enum class StreamError : std::uint8_t {
  kNone,
  kBadFormat,
  kBadNamespacePrefix,
  kConflict,
  kConnectionTimeout,
  kHostUnknown,
  kImproperAddressing,
  kInternalServerError,
  kInvalidFrom,
  kInvalidNamespace,
  kInvalidXml,
  kNotAuthorized,
  kNotWellFormed,
  kPolicyViolation,
  kReset,
  kResourceConstraint,
  kRestrictedXml,
  kSystemShutdown,
  kUndefinedCondition,
  kUnsupportedEncoding,
  kUnsupportedFeature,
  kUnsupportedStanzaType,
  kUnsupportedVersion,
};
std::string_view stream_error_name(StreamError error);
// "<stream:error>…</stream:error>"; `extra` is an application condition, as it stands.
void append_stream_error(StreamError error, std::string_view text, std::string_view extra,
                         std::string& out);

enum class StanzaError : std::uint8_t {
  kAway,  // service-unavailable, as kServiceUnavailable, but of type "wait"
  kBadRequest,
  kConflict,
  kFeatureNotImplemented,
  kForbidden,
  kInternalServerError,
  kItemNotFound,
  kJidMalformed,
  kNotAcceptable,
  kNotAllowed,
  kNotAuthorized,
  kPolicyViolation,
  kRemoteServerNotFound,
  kRemoteServerTimeout,
  kResourceConstraint,
  kServiceUnavailable,
  kUndefinedCondition,
  kUnexpectedRequest,
};
std::string_view stanza_error_name(StanzaError error);
std::string_view stanza_error_type(StanzaError error);  // "cancel", "modify", "wait", "auth"
StanzaError stanza_error_of(ErrorCode code);
// For who repeats what is of type "wait": a limit that does not pass with time is not of it. And
// what is unavailable for nobody knows how long is away.
StanzaError stanza_error_of(const Error& error);

// "<error type='…'>…</error>".
void append_stanza_error(StanzaError error, std::string_view text, std::string& out);
// The error answer to `stanza`: same kind and id, from its `to`, addressed to `to`
// (empty: to nobody, as a client before its bind is). Its payload is not repeated.
std::string error_reply(Element stanza, StanzaError error, std::string_view to,
                        std::string_view text = {});

}  // namespace longwire::xmpp
