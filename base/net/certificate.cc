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

// What a certificate is for; empty: an extension that it has not.
struct Purpose {
  std::string constraints;
  std::string usage;
  std::string extended_usage;
  // By its key: authorities of one name may follow one another.
  std::string issuer = {};
};
const Purpose kServer{"critical,CA:FALSE", "critical,digitalSignature", "serverAuth"};
const Purpose kBothEnds{"critical,CA:FALSE", "critical,digitalSignature", "serverAuth,clientAuth",
                        "keyid:always"};
// It signs no other authority.
const Purpose kAuthority{"critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign", ""};

bool add_extensions(X509* certificate, X509* issuer, const Purpose& purpose,
                    const std::vector<std::string>& hosts) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const auto add = [&](int nid, const std::string& value) {
    return value.empty() || add_extension(certificate, &context, nid, value);
  };
  return add(NID_basic_constraints, purpose.constraints) && add(NID_key_usage, purpose.usage) &&
         add(NID_ext_key_usage, purpose.extended_usage) &&
         add(NID_subject_key_identifier, "hash") &&
         add(NID_authority_key_identifier, purpose.issuer) &&
         add(NID_subject_alt_name, alternative_names(hosts));
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
                                    0) == 1;
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

// What is to be certified, and by whom: null, itself.
struct Request {
  const Purpose& purpose;
  const std::string& name;
  std::vector<std::string> hosts = {};
  X509* issuer = nullptr;
  EVP_PKEY* issuer_key = nullptr;
};

bool fill(X509* certificate, EVP_PKEY* key, const Request& request, Timestamp now) {
  X509* issuer = request.issuer != nullptr ? request.issuer : certificate;
  EVP_PKEY* issuer_key = request.issuer != nullptr ? request.issuer_key : key;
  set_validity(certificate, now);
  if (X509_set_version(certificate, X509_VERSION_3) != 1 || !set_serial(certificate) ||
      !set_subject(certificate, request.name) || X509_set_pubkey(certificate, key) != 1 ||
      !add_extensions(certificate, issuer, request.purpose, request.hosts)) {
    return false;
  }
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_sign(certificate, issuer_key, EVP_sha256()) != 0;
}

Result<CertificatePem> make(const Request& request, Timestamp now) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate(X509_new());
  if (!key || !certificate) return failed("key");
  X509* raw = certificate.get();
  if (!fill(raw, key.get(), request, now)) return failed("certificate");
  CertificatePem out;
  out.certificate = to_pem([raw](BIO* bio) { return PEM_write_bio_X509(bio, raw); });
  out.private_key = to_pem([&key](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  if (out.certificate.empty() || out.private_key.empty()) return failed("pem");
  return out;
}

Error no_host() { return {ErrorCode::kInvalidArgument, "tls: a certificate needs a host"}; }

}  // namespace

Result<CertificatePem> make_self_signed(const std::vector<std::string>& hosts, Timestamp now) {
  if (hosts.empty()) return no_host();
  return make({.purpose = kServer, .name = hosts.front(), .hosts = hosts}, now);
}

Result<CertificatePem> make_authority(const std::string& name, Timestamp now) {
  return make({.purpose = kAuthority, .name = name}, now);
}

Result<CertificatePem> make_signed(const CertificatePem& authority,
                                   const std::vector<std::string>& hosts, Timestamp now) {
  if (hosts.empty()) return no_host();
  const CertificatePtr issuer = read_certificate(reader_of(authority.certificate).get());
  const KeyPtr issuer_key = read_key(authority.private_key);
  if (!issuer || !issuer_key || X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    return Error{ErrorCode::kInvalidArgument, "tls: authority: " + openssl_error()};
  }
  return make({.purpose = kBothEnds,
               .name = hosts.front(),
               .hosts = hosts,
               .issuer = issuer.get(),
               .issuer_key = issuer_key.get()},
              now);
}

}  // namespace longwire::net
