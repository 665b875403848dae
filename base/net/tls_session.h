#pragma once

// The OpenSSL session behind TlsSession. Inside of base/net; nothing else includes it.
//
// One BIO of our own stands for the socket: it reads from the ciphertext lent to receive() and
// appends to the `wire` of the call at hand, so no ciphertext is copied or kept between calls.

#include <memory>
#include <string>
#include <vector>

#include "base/net/openssl_types.h"
#include "base/net/tls.h"

namespace longwire::net {

// What a context's callbacks need; immutable.
struct TlsServerRules {
  std::vector<std::string> alpn;
  bool alpn_required = false;
};

enum class TlsRole { kServer, kClient };

class OpenSslSession final : public TlsSession {
 public:
  // Rules are shared since a session may outlive the context that a reload replaced.
  OpenSslSession(SslPtr ssl, TlsRole role, std::shared_ptr<const TlsServerRules> rules);
  ~OpenSslSession() override;

  Status receive(BytesView ciphertext, Bytes& plaintext, Bytes& wire) override;
  Status send(BytesView plaintext, Bytes& wire) override;
  Status start(Bytes& wire) override;
  void close_notify(Bytes& wire) override;

  bool handshake_done() const override { return phase_ == Phase::kOpen; }
  bool peer_closed() const override { return peer_closed_; }
  std::string alpn() const override;
  bool is_tls13() const override;
  std::string server_name() const override;
  std::string peer_name() const override;
  std::string failure() const override { return failure_ ? *failure_ : std::string(); }
  Bytes channel_binding_exporter() override;
  Bytes channel_binding_end_point() override;
  Bytes channel_binding_unique() override;

  // For the BIO and the callbacks.
  int read_wire(char* out, int size);
  int write_wire(const char* data, int size);
  const TlsServerRules& rules() const { return *rules_; }

 private:
  enum class Phase { kHandshake, kOpen, kFailed };

  Status shake_hands();
  Status read_records(Bytes& plaintext);
  Status write_records(BytesView plaintext);
  Status fail();

  SslPtr ssl_;
  std::shared_ptr<const TlsServerRules> rules_;
  BytesView input_;               // only during receive()
  Bytes* wire_ = nullptr;         // only during a call that may write
  std::unique_ptr<Bytes> early_;  // plaintext from before the handshake's end
  std::unique_ptr<std::string> failure_;
  const TlsRole role_;
  Phase phase_ = Phase::kHandshake;
  bool peer_closed_ = false;
};

}  // namespace longwire::net
