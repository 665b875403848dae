#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/net/openssl_types.h"
#include "base/net/tls.h"

namespace longwire::net {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kValidDays = 3650;
constexpr std::size_t kSerialBytes = 16;

Error failed(std::string_view what) {
  return {ErrorCode::kInternal, "tls: " + std::string(what) + ": " + openssl_error()};
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string out;
  unsigned char ip[sizeof(in6_addr)];
  for (const std::string& host : hosts) {
    const bool is_ip =
        inet_pton(AF_INET, host.c_str(), ip) == 1 || inet_pton(AF_INET6, host.c_str(), ip) == 1;
    if (!out.empty()) out += ",";
    out += (is_ip ? "IP:" : "DNS:") + host;
  }
  return out;
}

bool add_extension(X509* certificate, X509V3_CTX* context, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool add_extensions(X509* certificate, const std::vector<std::string>& hosts) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  return add_extension(certificate, &context, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, &context, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, &context, NID_ext_key_usage, "serverAuth") &&
         add_extension(certificate, &context, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, &context, NID_subject_alt_name, alternative_names(hosts));
}

bool set_serial(X509* certificate) {
  unsigned char bytes[kSerialBytes];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] &= 0x7f;  // a serial number is positive
  BIGNUM* number = BN_bin2bn(bytes, sizeof bytes, nullptr);
  const bool set = number != nullptr &&
                   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

bool set_subject(X509* certificate, const std::string& host) {
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1,
                                    0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

void set_validity(X509* certificate, Timestamp now) {
  // A day back: clocks of clients may be behind ours.
  const auto at = [now](std::int64_t days) {
    return static_cast<time_t>((now.ms + days * kDayMs) / 1000);
  };
  ASN1_TIME_set(X509_getm_notBefore(certificate), at(-1));
  ASN1_TIME_set(X509_getm_notAfter(certificate), at(kValidDays));
}

template <typename Write>
std::string to_pem(Write write) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || write(out.get()) != 1) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<CertificatePem> make_self_signed(const std::vector<std::string>& hosts, Timestamp now) {
  if (hosts.empty()) return Error{ErrorCode::kInvalidArgument, "tls: a certificate needs a host"};
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate(X509_new());
  if (!key || !certificate) return failed("key");
  X509* raw = certificate.get();
  set_validity(raw, now);
  if (X509_set_version(raw, X509_VERSION_3) != 1 || !set_serial(raw) ||
      !set_subject(raw, hosts.front()) || X509_set_pubkey(raw, key.get()) != 1 ||
      !add_extensions(raw, hosts) || X509_sign(raw, key.get(), EVP_sha256()) == 0) {
    return failed("certificate");
  }
  CertificatePem out;
  out.certificate = to_pem([raw](BIO* bio) { return PEM_write_bio_X509(bio, raw); });
  out.private_key = to_pem([&key](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  if (out.certificate.empty() || out.private_key.empty()) return failed("pem");
  return out;
}

}  // namespace longwire::net
