#pragma once

// The XML namespaces that this server speaks.

#include <string_view>

namespace longwire::xmpp::ns {

inline constexpr std::string_view kClient = "jabber:client";
inline constexpr std::string_view kStreams = "http://etherx.jabber.org/streams";
inline constexpr std::string_view kStreamErrors = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr std::string_view kStanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr std::string_view kTls = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr std::string_view kSasl = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr std::string_view kBind = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr std::string_view kSession = "urn:ietf:params:xml:ns:xmpp-session";
inline constexpr std::string_view kRoster = "jabber:iq:roster";
inline constexpr std::string_view kRosterVersions = "urn:xmpp:features:rosterver";
inline constexpr std::string_view kPreApproval = "urn:xmpp:features:pre-approval";
inline constexpr std::string_view kStreamManagement = "urn:xmpp:sm:3";
inline constexpr std::string_view kClientState = "urn:xmpp:csi:0";
inline constexpr std::string_view kStreamLimits = "urn:xmpp:stream-limits:0";
inline constexpr std::string_view kChannelBinding = "urn:xmpp:sasl-cb:0";
inline constexpr std::string_view kPing = "urn:xmpp:ping";
inline constexpr std::string_view kDiscoInfo = "http://jabber.org/protocol/disco#info";
inline constexpr std::string_view kDiscoItems = "http://jabber.org/protocol/disco#items";
inline constexpr std::string_view kVersion = "jabber:iq:version";
inline constexpr std::string_view kTime = "urn:xmpp:time";
inline constexpr std::string_view kDelay = "urn:xmpp:delay";
inline constexpr std::string_view kStanzaIds = "urn:xmpp:sid:0";
inline constexpr std::string_view kChannel = "urn:longwire:channel:1";
inline constexpr std::string_view kXml = "http://www.w3.org/XML/1998/namespace";

}  // namespace longwire::xmpp::ns
