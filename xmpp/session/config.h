#pragma once

// What an operator may set about the XMPP front end: keys "xmpp.*".

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "xmpp/protocol/framer.h"

namespace longwire::xmpp {

// A value; the same one is read by all loops and does not change while they run.
struct XmppConfig {
  std::string domain = "localhost";
  std::string listen = ":5222";             // STARTTLS
  std::string listen_tls = ":5223";         // TLS at once
  std::vector<std::string> proxy_networks;  // whose PROXY headers are taken, and wanted

  // Before login, per connection.
  std::chrono::milliseconds login_timeout = std::chrono::seconds(30);
  std::int64_t login_bytes_max = 65'536;
  std::int64_t login_stanza_bytes_max = 10'000;
  std::int64_t login_attempts_max = 5;
  // Before login, per address, of the whole process.
  std::int64_t address_logins_max = 5'000;
  std::int64_t address_failures_max = 300;
  std::int64_t address_connections_max = 100'000;

  // After login.
  std::int64_t stanza_bytes_max = 262'144;
  std::int64_t resources_max = 50;
  std::int64_t write_buffer_max = 4'194'304;
  std::chrono::milliseconds ping_after = std::chrono::minutes(14);
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(16);
  std::chrono::milliseconds resume_timeout = std::chrono::minutes(5);
  std::int64_t unacked_stanzas_max = 5'000;
  std::int64_t unacked_bytes_max = 2'097'152;
  std::int64_t unhandled_stanzas_max = 100;
  std::int64_t inactive_stanzas_max = 100;
  std::int64_t roster_items_max = 1'000;
  std::int64_t roster_bytes_max = 262'144;
  std::int64_t roster_requests_max = 100;
  std::int64_t roster_waiting_bytes_max = 1'048'576;
};
void declare_config(ConfigSchema& schema, XmppConfig& config);

// The domain as addresses have it: in lower case, normalised (RFC 7622).
std::string prepared_domain(const XmppConfig& config);

// The limits of one piece of a stream before and after login.
PieceLimits login_limits(const XmppConfig& config);
PieceLimits session_limits(const XmppConfig& config);

}  // namespace longwire::xmpp
