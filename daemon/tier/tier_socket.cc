#include "daemon/tier/tier_socket.h"

#include <chrono>
#include <utility>

namespace longwire::daemon {
namespace {

// Strangers wait no longer than that.
constexpr std::chrono::seconds kHandshakeWithin{10};

// A handshake's first record: of a message it would be a length far above the limit.
bool begins_tls(BytesView bytes) { return bytes.starts_with(BytesView("\x16\x03", 2)); }

// What OpenSSL says of a first record that is none.
bool is_no_tls(const std::string& failure) {
  return failure.find("wrong version number") != std::string::npos;
}

std::string why_failed(const std::string& failure) {
  if (is_no_tls(failure)) {
    return "it speaks no TLS: set tier.tls_certificate, tier.tls_key and tier.tls_ca there too";
  }
  return failure + ": see tier.tls_certificate and tier.tls_ca, here and there";
}

}  // namespace

TierSocket::TierSocket(net::Loop& loop, net::Descriptor socket, net::Address peer,
                       std::unique_ptr<net::TlsSession> tls, TierSocketListener& listener)
    : loop_(loop),
      listener_(listener),
      connection_(loop, std::move(socket), std::move(peer), tier_connection_limits(),
                  std::move(tls), *this) {
  if (connection_.tls() == nullptr) return;
  handshake_timer_ = loop_.schedule(kHandshakeWithin, [this] {
    handshake_timer_ = TimerId::kNone;
    refused_ = "it did not finish the TLS handshake in time";
    connection_.abort(net::CloseReason::kTimeout);
  });
}

TierSocket::~TierSocket() { loop_.cancel(handshake_timer_); }

void TierSocket::write(BytesView bytes) {
  if (!connection_.closing()) connection_.write(bytes);
}

void TierSocket::on_tls_established(net::Connection& connection) {
  loop_.cancel(std::exchange(handshake_timer_, TimerId::kNone));
  listener_.on_known(connection.tls()->peer_name());
}

void TierSocket::on_data(net::Connection& connection, BytesView data) {
  if (channel_ != nullptr && channel_->feed(data).ok()) return;
  if (connection.tls() == nullptr && begins_tls(data)) {
    refused_ =
        "it speaks TLS, and this node does not: set tier.tls_certificate, tier.tls_key and "
        "tier.tls_ca here too";
  }
  connection.abort();
}

void TierSocket::on_closed(net::Connection& connection, net::CloseReason reason) {
  if (reason == net::CloseReason::kTls) refused_ = why_failed(connection.tls()->failure());
  const std::string refused = std::move(refused_);
  listener_.on_ended(refused);
}

}  // namespace longwire::daemon
