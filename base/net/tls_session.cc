#include "base/net/tls_session.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace longwire::net {
namespace {

constexpr std::size_t kRecordBytesMax = std::size_t{16} * 1024;
constexpr std::size_t kExporterBytes = 32;
constexpr std::string_view kExporterLabel = "EXPORTER-Channel-Binding";

OpenSslSession& session_of(BIO* bio) { return *static_cast<OpenSslSession*>(BIO_get_data(bio)); }

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  return session_of(bio).write_wire(data, size);
}

int bio_read(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  const int got = session_of(bio).read_wire(out, size);
  if (got < 0) BIO_set_retry_read(bio);
  return got;
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

const BIO_METHOD* bio_method() {
  static const BioMethodPtr method = [] {
    BioMethodPtr made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "longwire wire"));
    CHECK(made != nullptr);
    BIO_meth_set_write(made.get(), bio_write);
    BIO_meth_set_read(made.get(), bio_read);
    BIO_meth_set_ctrl(made.get(), bio_control);
    BIO_meth_set_create(made.get(), bio_create);
    return made;
  }();
  return method.get();
}

// RFC 5929: the hash of the certificate's signature, SHA-256 in place of MD5 and SHA-1.
const EVP_MD* end_point_hash(X509* certificate) {
  int hash = NID_undef;
  if (X509_get_signature_info(certificate, &hash, nullptr, nullptr, nullptr) != 1) return nullptr;
  if (hash == NID_md5 || hash == NID_sha1) return EVP_sha256();
  return hash == NID_undef ? nullptr : EVP_get_digestbynid(hash);
}

Bytes certificate_hash(X509* certificate) {
  const EVP_MD* hash = certificate == nullptr ? nullptr : end_point_hash(certificate);
  if (hash == nullptr) return {};
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, hash, out, &size) != 1) return {};
  return {reinterpret_cast<const char*>(out), size};
}

// Where no certificate was looked at: there was none, or the other end liked ours not.
bool is_about_certificate(unsigned long error) {
  switch (ERR_GET_REASON(error)) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return ERR_GET_LIB(error) == ERR_LIB_SSL;
    default:
      return false;
  }
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  return place < 0 ? std::string()
                   : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
}

std::string text_of_ip(const std::string& bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  if (family == AF_INET6 && bytes.size() != sizeof(in6_addr)) return {};
  return ::inet_ntop(family, bytes.data(), text, sizeof text) == nullptr ? "" : text;
}

// Empty: neither a DNS name nor an address.
std::string name_of(const GENERAL_NAME* name) {
  if (name->type == GEN_DNS) return text_of(name->d.dNSName);
  return name->type == GEN_IPADD ? text_of_ip(text_of(name->d.iPAddress)) : std::string();
}

std::string first_name(const X509* certificate) {
  const AlternativeNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    std::string name = name_of(sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty()) return name;
  }
  return common_name(certificate);
}

}  // namespace

OpenSslSession::OpenSslSession(SslPtr ssl, TlsRole role,
                               std::shared_ptr<const TlsServerRules> rules)
    : ssl_(std::move(ssl)), rules_(std::move(rules)), role_(role) {
  BIO* bio = BIO_new(bio_method());
  CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  if (role_ == TlsRole::kServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

OpenSslSession::~OpenSslSession() = default;

int OpenSslSession::read_wire(char* out, int size) {
  if (input_.empty()) return -1;
  const std::size_t taken = std::min(input_.size(), static_cast<std::size_t>(size));
  std::memcpy(out, input_.data(), taken);
  input_.remove_prefix(taken);
  return static_cast<int>(taken);
}

int OpenSslSession::write_wire(const char* data, int size) {
  CHECK(wire_ != nullptr);
  wire_->append(data, static_cast<std::size_t>(size));
  return size;
}

Status OpenSslSession::receive(BytesView ciphertext, Bytes& plaintext, Bytes& wire) {
  if (phase_ == Phase::kFailed) return Error{ErrorCode::kCorrupt, "tls: failed before"};
  if (peer_closed_) return {};
  input_ = ciphertext;
  wire_ = &wire;
  Status status;
  if (phase_ == Phase::kHandshake) status = shake_hands();
  if (status.ok() && phase_ == Phase::kOpen) status = read_records(plaintext);
  input_ = {};
  wire_ = nullptr;
  return status;
}

Status OpenSslSession::send(BytesView plaintext, Bytes& wire) {
  if (phase_ == Phase::kFailed) return Error{ErrorCode::kCorrupt, "tls: failed before"};
  if (phase_ == Phase::kHandshake) {
    if (!early_) early_ = std::make_unique<Bytes>();
    early_->append(plaintext);
    return {};
  }
  wire_ = &wire;
  auto status = write_records(plaintext);
  wire_ = nullptr;
  return status;
}

Status OpenSslSession::start(Bytes& wire) {
  if (role_ == TlsRole::kServer || phase_ != Phase::kHandshake) return {};
  wire_ = &wire;
  auto status = shake_hands();
  wire_ = nullptr;
  return status;
}

void OpenSslSession::close_notify(Bytes& wire) {
  if (phase_ != Phase::kOpen) return;
  wire_ = &wire;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  wire_ = nullptr;
}

Status OpenSslSession::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) {
    return SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ ? Status() : fail();
  }
  phase_ = Phase::kOpen;
  if (!early_) return {};
  const std::unique_ptr<Bytes> early = std::move(early_);
  return write_records(*early);
}

Status OpenSslSession::read_records(Bytes& plaintext) {
  thread_local char record[kRecordBytesMax];
  for (;;) {
    ERR_clear_error();
    const int result = SSL_read(ssl_.get(), record, static_cast<int>(kRecordBytesMax));
    if (result > 0) {
      plaintext.append(record, static_cast<std::size_t>(result));
      continue;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return {};
      case SSL_ERROR_ZERO_RETURN:
        peer_closed_ = true;
        return {};
      default:
        return fail();
    }
  }
}

Status OpenSslSession::write_records(BytesView plaintext) {
  constexpr std::size_t kPieceMax = std::numeric_limits<int>::max();
  while (!plaintext.empty()) {
    const std::size_t piece = std::min(plaintext.size(), kPieceMax);
    ERR_clear_error();
    const int written = SSL_write(ssl_.get(), plaintext.data(), static_cast<int>(piece));
    if (written <= 0) return fail();
    plaintext.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status OpenSslSession::fail() {
  phase_ = Phase::kFailed;
  const bool refused = SSL_get_verify_result(ssl_.get()) != X509_V_OK;
  const bool about_certificate = refused || is_about_certificate(ERR_peek_error());
  Error error{about_certificate ? ErrorCode::kUnauthenticated : ErrorCode::kCorrupt,
              "tls: " + openssl_error()};
  if (refused) {
    error.message += ": ";
    error.message += X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()));
  }
  failure_ = std::make_unique<std::string>(error.message);
  return error;
}

std::string OpenSslSession::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool OpenSslSession::is_tls13() const { return SSL_version(ssl_.get()) == TLS1_3_VERSION; }

std::string OpenSslSession::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string() : std::string(name);
}

std::string OpenSslSession::peer_name() const {
  const X509* certificate = handshake_done() ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
  return certificate == nullptr ? std::string() : first_name(certificate);
}

Bytes OpenSslSession::channel_binding_exporter() {
  // Before TLS 1.3 only the extended master secret ties the exporter to this very handshake.
  if (phase_ != Phase::kOpen) return {};
  if (!is_tls13() && SSL_get_extms_support(ssl_.get()) != 1) return {};
  unsigned char out[kExporterBytes];
  if (SSL_export_keying_material(ssl_.get(), out, sizeof out, kExporterLabel.data(),
                                 kExporterLabel.size(), nullptr, 0, 1) != 1) {
    ERR_clear_error();
    return {};
  }
  return {reinterpret_cast<const char*>(out), sizeof out};
}

// The first Finished message: the client's in a full handshake, the server's in a resumed one.
Bytes OpenSslSession::channel_binding_unique() {
  if (!handshake_done()) return {};
  const bool server = SSL_is_server(ssl_.get()) == 1;
  const bool resumed = SSL_session_reused(ssl_.get()) == 1;
  Bytes out(EVP_MAX_MD_SIZE, '\0');
  const std::size_t size = server != resumed
                               ? SSL_get_peer_finished(ssl_.get(), out.data(), out.size())
                               : SSL_get_finished(ssl_.get(), out.data(), out.size());
  out.resize(size);
  return out;
}

Bytes OpenSslSession::channel_binding_end_point() {
  if (phase_ != Phase::kOpen) return {};
  if (role_ == TlsRole::kServer) return certificate_hash(SSL_get_certificate(ssl_.get()));
  const CertificatePtr peer(SSL_get1_peer_certificate(ssl_.get()));
  return certificate_hash(peer.get());
}

}  // namespace longwire::net
