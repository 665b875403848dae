#pragma once

// The features that a stream announces at each step. Inside of xmpp/session.

#include <chrono>
#include <cstdint>
#include <string>

#include "xmpp/sasl/scram.h"
#include "xmpp/session/config.h"

namespace longwire::xmpp {

void append_plain_features(std::string& out);
void append_login_features(const ChannelBindings& bindings, std::string& out);
void append_session_features(const XmppConfig& config, std::string& out);
// XEP-0478.
void append_limits(std::uint32_t stanza_bytes_max, std::chrono::milliseconds idle,
                   std::string& out);

}  // namespace longwire::xmpp
