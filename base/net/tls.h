#pragma once

// TLS as bytes in, bytes out: no socket, no OpenSSL type above this line. TLS 1.2 and 1.3 only.
//
// Mutual TLS, where both ends show a certificate, is TLS 1.3 alone. There the client is done before
// the server has looked at its certificate: being refused comes to the client as an alert, after
// handshake_done().

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace longwire::net {

struct TlsServerOptions {
  std::string certificate_pem;  // chain, leaf first
  std::string private_key_pem;
  std::vector<std::string> alpn;  // in order of preference
  bool alpn_required = false;     // refuse a client that offers only others
  // Not empty: only clients with a certificate of one of these are let in (mutual TLS), and only
  // those whose certificate is for `client_name`, a DNS name or IP address; empty: any name.
  std::string client_ca_pem = {};
  std::string client_name = {};
};

struct TlsClientOptions {
  std::string ca_pem;       // empty: trust nothing (handshake fails)
  std::string server_name;  // SNI, and verified
  std::vector<std::string> alpn;
  // What it shows where it is asked for one (mutual TLS); both or none.
  std::string certificate_pem = {};
  std::string private_key_pem = {};
};

// One connection's TLS. Errors are final. Loop-bound.
class TlsSession {
 public:
  virtual ~TlsSession() = default;

  // Takes what the socket read. Plaintext is appended to `plaintext`, bytes for the socket to
  // `wire`. kCorrupt or kUnauthenticated: send `wire` (an alert), then close.
  virtual Status receive(BytesView ciphertext, Bytes& plaintext, Bytes& wire) = 0;

  // Seals plaintext into records appended to `wire`. Before the handshake is done it is kept.
  virtual Status send(BytesView plaintext, Bytes& wire) = 0;

  // Starts a client's handshake (a server does nothing).
  virtual Status start(Bytes& wire) = 0;
  virtual void close_notify(Bytes& wire) = 0;

  virtual bool handshake_done() const = 0;
  virtual bool peer_closed() const = 0;  // close_notify was received
  virtual std::string alpn() const = 0;  // empty: none agreed
  virtual bool is_tls13() const = 0;
  virtual std::string server_name() const = 0;  // SNI
  // Whom the peer's verified certificate is for: the first DNS name or IP address, or else the
  // common name. Empty before the handshake's end, and where the peer showed none.
  virtual std::string peer_name() const = 0;
  // Why it failed, in words for the operator; empty: it has not.
  virtual std::string failure() const = 0;
  // RFC 9266 tls-exporter and RFC 5929 tls-server-end-point; empty where they do not apply.
  virtual Bytes channel_binding_exporter() = 0;
  virtual Bytes channel_binding_end_point() = 0;
  // The Finished message that RFC 5929 calls tls-unique; some clients use it on TLS 1.3 as well.
  virtual Bytes channel_binding_unique() { return {}; }
};

// Makes sessions; shared by all connections of a listener. Thread-safe.
class TlsContext {
 public:
  virtual ~TlsContext() = default;
  virtual std::unique_ptr<TlsSession> new_session() = 0;
};

// kInvalidArgument names what does not fit.
Result<std::unique_ptr<TlsContext>> make_tls_server(const TlsServerOptions& options);
Result<std::unique_ptr<TlsContext>> make_tls_client(const TlsClientOptions& options);

// ECDSA P-256, valid for ten years from `now`.
struct CertificatePem {
  std::string certificate;
  std::string private_key;
};
// A server's, for `hosts` (DNS names and IP addresses).
Result<CertificatePem> make_self_signed(const std::vector<std::string>& hosts, Timestamp now);
// An authority that signs for others, and a certificate of it for either end of mutual TLS.
// kInvalidArgument: no host, or an authority that cannot be read.
Result<CertificatePem> make_authority(const std::string& name, Timestamp now);
Result<CertificatePem> make_signed(const CertificatePem& authority,
                                   const std::vector<std::string>& hosts, Timestamp now);

}  // namespace longwire::net
