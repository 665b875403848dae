#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/net/openssl_types.h"
#include "base/net/tls.h"
#include "base/net/tls_session.h"

namespace longwire::net {
namespace {

constexpr char kTls12Ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr char kTls13Ciphers[] =
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";
constexpr char kGroups[] = "X25519:P-256";
constexpr std::size_t kAlpnNameMax = 255;

Error invalid(const std::string& what) {
  return {ErrorCode::kInvalidArgument, "tls: " + what + ": " + openssl_error()};
}

// The protocol's names with their lengths before them.
std::string alpn_wire(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    CHECK(!name.empty());
    CHECK(name.size() <= kAlpnNameMax);
    out.push_back(static_cast<char>(static_cast<unsigned char>(name.size())));
    out.append(name);
  }
  return out;
}

int select_alpn(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                const unsigned char* offered, unsigned offered_size, void*) {
  const auto& rules = static_cast<OpenSslSession*>(SSL_get_app_data(ssl))->rules();
  const std::string_view offer(reinterpret_cast<const char*>(offered), offered_size);
  for (const std::string& wanted : rules.alpn) {
    for (std::size_t i = 0; i < offer.size();) {
      const auto size = static_cast<unsigned char>(offer[i]);
      if (offer.substr(i + 1, size) == wanted) {
        *out = offered + i + 1;
        *out_size = size;
        return SSL_TLSEXT_ERR_OK;
      }
      i += std::size_t{1} + size;
    }
  }
  return rules.alpn_required ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
}

Result<SslContextPtr> new_context(const SSL_METHOD* method) {
  SslContextPtr context(SSL_CTX_new(method));
  if (!context) return Error{ErrorCode::kInternal, "tls: " + openssl_error()};
  SSL_CTX* raw = context.get();
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  // TODO(perf): one ticket would make a return cheaper; it costs memory and a key to rotate.
  SSL_CTX_set_num_tickets(raw, 0);
  if (SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(raw, kTls12Ciphers) != 1 ||
      SSL_CTX_set_ciphersuites(raw, kTls13Ciphers) != 1 ||
      SSL_CTX_set1_groups_list(raw, kGroups) != 1) {
    return Error{ErrorCode::kInternal, "tls: " + openssl_error()};
  }
  return context;
}

Status use_chain(SSL_CTX* context, const std::string& pem) {
  const BioPtr reader = reader_of(pem);
  const CertificatePtr leaf = read_certificate(reader.get());
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return invalid("certificate");
  while (const CertificatePtr issuer = read_certificate(reader.get())) {
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) return invalid("certificate chain");
  }
  ERR_clear_error();  // "no start line" ends every chain
  return {};
}

Status use_key(SSL_CTX* context, const std::string& pem) {
  const KeyPtr key = read_key(pem);
  if (!key) return invalid("private key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return invalid("private key does not fit the certificate");
  }
  return {};
}

Status trust(SSL_CTX* context, const std::string& pem) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  const BioPtr reader = reader_of(pem);
  std::size_t count = 0;
  while (const CertificatePtr ca = read_certificate(reader.get())) {
    if (X509_STORE_add_cert(store, ca.get()) != 1) return invalid("trusted certificate");
    ++count;
  }
  ERR_clear_error();
  if (count == 0 && !pem.empty()) {
    return Error{ErrorCode::kInvalidArgument, "tls: no certificate among the trusted ones"};
  }
  return {};
}

bool is_ip(const std::string& name) {
  unsigned char out[sizeof(in6_addr)];
  return inet_pton(AF_INET, name.c_str(), out) == 1 || inet_pton(AF_INET6, name.c_str(), out) == 1;
}

// The name that the peer's certificate has to be for.
void want_name(SSL* ssl, const std::string& name) {
  if (is_ip(name)) {
    CHECK(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1);
  } else {
    CHECK(SSL_set1_host(ssl, name.c_str()) == 1);
  }
}

// A self-signed leaf among the trusted is its own anchor.
Status verify_peer(SSL_CTX* context, int mode, const std::string& trusted) {
  SSL_CTX_set_verify(context, mode, nullptr);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return trust(context, trusted);
}

Status only_tls13(SSL_CTX* context) {
  if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1) return {};
  return Error{ErrorCode::kInternal, "tls: " + openssl_error()};
}

Status let_in_only(SSL_CTX* context, const std::string& client_ca) {
  TRY(only_tls13(context));
  return verify_peer(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, client_ca);
}

Status show(SSL_CTX* context, const TlsClientOptions& options) {
  TRY(only_tls13(context));
  TRY(use_chain(context, options.certificate_pem));
  return use_key(context, options.private_key_pem);
}

// Thread-safe: OpenSSL counts references to the context atomically.
class ServerContext final : public TlsContext {
 public:
  ServerContext(SslContextPtr context, std::shared_ptr<const TlsServerRules> rules,
                std::string client_name)
      : context_(std::move(context)),
        rules_(std::move(rules)),
        client_name_(std::move(client_name)) {}

  std::unique_ptr<TlsSession> new_session() override {
    SslPtr ssl(SSL_new(context_.get()));
    CHECK(ssl != nullptr);
    if (!client_name_.empty()) want_name(ssl.get(), client_name_);
    return std::make_unique<OpenSslSession>(std::move(ssl), TlsRole::kServer, rules_);
  }

 private:
  SslContextPtr context_;
  std::shared_ptr<const TlsServerRules> rules_;
  std::string client_name_;
};

// Thread-safe, likewise.
class ClientContext final : public TlsContext {
 public:
  ClientContext(SslContextPtr context, std::string server_name)
      : context_(std::move(context)), server_name_(std::move(server_name)) {}

  std::unique_ptr<TlsSession> new_session() override {
    SslPtr ssl(SSL_new(context_.get()));
    CHECK(ssl != nullptr);
    want_name(ssl.get(), server_name_);
    if (!is_ip(server_name_)) CHECK(SSL_set_tlsext_host_name(ssl.get(), server_name_.c_str()) == 1);
    return std::make_unique<OpenSslSession>(std::move(ssl), TlsRole::kClient, nullptr);
  }

 private:
  SslContextPtr context_;
  std::string server_name_;
};

}  // namespace

Result<std::unique_ptr<TlsContext>> make_tls_server(const TlsServerOptions& options) {
  if (options.client_ca_pem.empty() && !options.client_name.empty()) {
    return Error{ErrorCode::kInvalidArgument, "tls: a client's name without who certifies it"};
  }
  auto context = new_context(TLS_server_method());
  if (!context.ok()) return context.error();
  TRY(use_chain(context->get(), options.certificate_pem));
  TRY(use_key(context->get(), options.private_key_pem));
  if (!options.client_ca_pem.empty()) TRY(let_in_only(context->get(), options.client_ca_pem));
  if (!options.alpn.empty()) SSL_CTX_set_alpn_select_cb(context->get(), select_alpn, nullptr);
  auto rules =
      std::make_shared<const TlsServerRules>(TlsServerRules{options.alpn, options.alpn_required});
  return std::unique_ptr<TlsContext>(std::make_unique<ServerContext>(
      std::move(context).value(), std::move(rules), options.client_name));
}

Result<std::unique_ptr<TlsContext>> make_tls_client(const TlsClientOptions& options) {
  if (options.server_name.empty()) {
    return Error{ErrorCode::kInvalidArgument, "tls: a client needs the server's name"};
  }
  auto context = new_context(TLS_client_method());
  if (!context.ok()) return context.error();
  TRY(verify_peer(context->get(), SSL_VERIFY_PEER, options.ca_pem));
  if (!options.certificate_pem.empty() || !options.private_key_pem.empty())
    TRY(show(context->get(), options));
  const std::string alpn = alpn_wire(options.alpn);
  if (!alpn.empty() &&
      SSL_CTX_set_alpn_protos(context->get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                              static_cast<unsigned>(alpn.size())) != 0) {
    return invalid("alpn");
  }
  return std::unique_ptr<TlsContext>(
      std::make_unique<ClientContext>(std::move(context).value(), options.server_name));
}

}  // namespace longwire::net
