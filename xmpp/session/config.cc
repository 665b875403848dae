#include "xmpp/session/config.h"

#include "base/net/address.h"
#include "base/net/networks.h"
#include "xmpp/protocol/precis.h"

namespace longwire::xmpp {
namespace {

Status check_domain(const std::string& text) {
  if (prepare_domain(text)) return {};
  return Error{ErrorCode::kInvalidArgument,
               "\"" + text + "\" is no domain name; wants one such as push.example.org"};
}

void declare_listening(ConfigSchema& schema, XmppConfig& config) {
  schema.add({.key = "xmpp.domain",
              .help = "The domain of accounts: user@domain.",
              .check = &check_domain},
             config.domain);
  schema.add({.key = "xmpp.listen",
              .help = "Address for clients that start TLS later (STARTTLS).",
              .check = &net::check_address},
             config.listen);
  schema.add({.key = "xmpp.listen_tls",
              .help = "Address for clients that speak TLS at once.",
              .check = &net::check_address},
             config.listen_tls);
  schema.add(
      {.key = "xmpp.proxy_networks",
       .help = "Networks of TCP proxies, such as 10.0.0.0/8: what connects from there begins "
               "with a PROXY header (version 2), and has the address that it tells.",
       .check = &net::check_network},
      config.proxy_networks);
}

void declare_login(ConfigSchema& schema, XmppConfig& config) {
  schema.add({.key = "xmpp.login_timeout",
              .help = "A connection that has not logged in after it is closed.",
              .min = 100,
              .max = 600'000},
             config.login_timeout);
  schema.add({.key = "xmpp.login_bytes_max",
              .unit = "bytes",
              .help = "What a connection may send before it is logged in.",
              .min = 4'096,
              .max = 1'048'576},
             config.login_bytes_max);
  schema.add({.key = "xmpp.login_stanza_bytes_max",
              .unit = "bytes",
              .help = "The largest element before login.",
              .min = 2'048,
              .max = 65'536},
             config.login_stanza_bytes_max);
  schema.add({.key = "xmpp.login_attempts_max",
              .help = "Failed attempts to authenticate, after which a connection is closed.",
              .min = 1,
              .max = 100},
             config.login_attempts_max);
  schema.add({.key = "xmpp.address_logins_max",
              .help = "Connections of one IP address that are not yet logged in.",
              .min = 1,
              .max = 1'000'000},
             config.address_logins_max);
  schema.add({.key = "xmpp.address_failures_max",
              .unit = "1/min",
              .help = "Failed attempts of one IP address, after which it is refused for a while.",
              .min = 1,
              .max = 1'000'000},
             config.address_failures_max);
  schema.add({.key = "xmpp.address_connections_max",
              .help = "Connections of one IP address.",
              .min = 1,
              .max = 10'000'000},
             config.address_connections_max);
}

void declare_session(ConfigSchema& schema, XmppConfig& config) {
  schema.add({.key = "xmpp.stanza_bytes_max",
              .unit = "bytes",
              .help = "The largest stanza of a logged-in client.",
              .min = 10'000,
              .max = 16'777'216},
             config.stanza_bytes_max);
  schema.add(
      {.key = "xmpp.resources_max", .help = "Sessions of one account.", .min = 1, .max = 10'000},
      config.resources_max);
  schema.add({.key = "xmpp.write_buffer_max",
              .unit = "bytes",
              .help = "Unsent bytes at which a client that does not read is cut.",
              .min = 65'536,
              .max = 1'073'741'824},
             config.write_buffer_max);
  schema.add(
      {.key = "xmpp.ping_after",
       .help = "Silence after which the server asks whether a client is still there; shorter "
               "than xmpp.idle_timeout.",
       .min = 1'000,
       .max = 86'400'000},
      config.ping_after);
  schema.add({.key = "xmpp.idle_timeout",
              .help = "Silence after which a connection counts as lost.",
              .min = 2'000,
              .max = 86'400'000},
             config.idle_timeout);
}

void declare_management(ConfigSchema& schema, XmppConfig& config) {
  schema.add({.key = "xmpp.resume_timeout",
              .help = "How long a session waits for its client after the connection was lost.",
              .min = 1'000,
              .max = 86'400'000},
             config.resume_timeout);
  schema.add({.key = "xmpp.unacked_stanzas_max",
              .help = "Stanzas kept for a client that does not acknowledge them.",
              .min = 10,
              .max = 1'000'000},
             config.unacked_stanzas_max);
  schema.add({.key = "xmpp.unacked_bytes_max",
              .unit = "bytes",
              .help = "Bytes of stanzas kept for a client that does not acknowledge them.",
              .min = 65'536,
              .max = 1'073'741'824},
             config.unacked_bytes_max);
  schema.add({.key = "xmpp.unhandled_stanzas_max",
              .help = "Stanzas of one client under way at once; above it nothing is read from it.",
              .min = 1,
              .max = 1'000'000},
             config.unhandled_stanzas_max);
  schema.add({.key = "xmpp.inactive_stanzas_max",
              .help = "Presence held back for a client that said it is inactive (XEP-0352).",
              .min = 1,
              .max = 10'000},
             config.inactive_stanzas_max);
  schema.add({.key = "xmpp.roster_items_max",
              .help = "Contacts of one account.",
              .min = 1,
              .max = 100'000},
             config.roster_items_max);
  schema.add({.key = "xmpp.roster_bytes_max",
              .unit = "bytes",
              .help = "Addresses, names and groups of one account's contacts together.",
              .min = 4'096,
              .max = 1'073'741'824},
             config.roster_bytes_max);
  schema.add({.key = "xmpp.roster_requests_max",
              .help = "Unanswered subscription requests to one account; further ones are dropped.",
              .min = 1,
              .max = 100'000},
             config.roster_requests_max);
  schema.add({.key = "xmpp.roster_waiting_bytes_max",
              .unit = "bytes",
              .help = "Stanzas that wait for the ones before them to read or change one account's "
                      "roster; further ones are refused. Others may fill half of it.",
              .min = 65'536,
              .max = 1'073'741'824},
             config.roster_waiting_bytes_max);
}

}  // namespace

void declare_config(ConfigSchema& schema, XmppConfig& config) {
  declare_listening(schema, config);
  declare_login(schema, config);
  declare_session(schema, config);
  declare_management(schema, config);
}

std::string prepared_domain(const XmppConfig& config) {
  return prepare_domain(config.domain).value_or(config.domain);
}

PieceLimits login_limits(const XmppConfig& config) {
  return {.bytes = static_cast<std::uint32_t>(config.login_stanza_bytes_max),
          .depth = 6,
          .elements = 16,
          .attributes = 16};
}

PieceLimits session_limits(const XmppConfig& config) {
  return {.bytes = static_cast<std::uint32_t>(config.stanza_bytes_max),
          .depth = 64,
          .elements = 4'096,
          .attributes = 64};
}

}  // namespace longwire::xmpp
