#include "daemon/tier/tier_tls.h"

#include <utility>

namespace longwire::daemon {
namespace {

// Both ends with what is given, and the bytes between them carried by hand.
Status meet(net::TlsSession& server, net::TlsSession& client) {
  Bytes plaintext, up, down;
  TRY(client.start(up));
  while (!up.empty() || !down.empty()) {
    const Bytes to_server = std::exchange(up, {});
    if (!to_server.empty()) TRY(server.receive(to_server, plaintext, down));
    const Bytes to_client = std::exchange(down, {});
    if (!to_client.empty()) TRY(client.receive(to_client, plaintext, up));
  }
  return {};
}

std::unique_ptr<net::TlsSession> session_of(const std::unique_ptr<net::TlsContext>& context) {
  return context ? context->new_session() : nullptr;
}

}  // namespace

Result<TierTls::Contexts> TierTls::prepare(const TierTlsOptions& options) {
  auto server = net::make_tls_server({.certificate_pem = options.certificate_pem,
                                      .private_key_pem = options.private_key_pem,
                                      .alpn = {},
                                      .client_ca_pem = options.authority_pem,
                                      .client_name = options.name});
  if (!server.ok()) return server.error();
  auto client = net::make_tls_client({.ca_pem = options.authority_pem,
                                      .server_name = options.name,
                                      .alpn = {},
                                      .certificate_pem = options.certificate_pem,
                                      .private_key_pem = options.private_key_pem});
  if (!client.ok()) return client.error();
  if (const Status met = meet(*(*server)->new_session(), *(*client)->new_session()); !met.ok()) {
    return Error{ErrorCode::kInvalidArgument, "others would refuse it: " + met.error().message};
  }
  return Contexts{std::move(*server), std::move(*client)};
}

void TierTls::take(Contexts contexts) { *contexts_.lock() = std::move(contexts); }

std::unique_ptr<net::TlsSession> TierTls::accept() { return session_of(contexts_.lock()->server); }

std::unique_ptr<net::TlsSession> TierTls::dial() { return session_of(contexts_.lock()->client); }

}  // namespace longwire::daemon
