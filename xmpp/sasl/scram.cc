#include "xmpp/sasl/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/hash.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kMessageBytesMax = 2048;

const EVP_MD* digest_of(ScramHash hash) {
  return hash == ScramHash::kSha1 ? EVP_sha1() : EVP_sha256();
}

const unsigned char* octets(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bytes hmac(ScramHash hash, BytesView key, BytesView text) {
  Bytes out(scram_key_size(hash), '\0');
  unsigned size = 0;
  const unsigned char* result =
      HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()), octets(text), text.size(),
           reinterpret_cast<unsigned char*>(out.data()), &size);
  CHECK(result != nullptr);
  return out;
}

Bytes digest(ScramHash hash, BytesView text) {
  Bytes out(scram_key_size(hash), '\0');
  auto* target = reinterpret_cast<unsigned char*>(out.data());
  if (hash == ScramHash::kSha1) {
    SHA1(octets(text), text.size(), target);
  } else {
    SHA256(octets(text), text.size(), target);
  }
  return out;
}

// Takes "x=value" from the front of a comma-separated list.
bool take_attribute(std::string_view& list, char name, std::string_view& value) {
  if (list.size() < 2 || list[0] != name || list[1] != '=') return false;
  const std::size_t comma = list.find(',');
  value = list.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  return true;
}

// "=2C" and "=3D" stand for ',' and '='; any other '=' is wrong.
std::optional<std::string> unescape_name(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out.push_back(text[i]);
      continue;
    }
    const std::string_view code = text.substr(i + 1, 2);
    if (code != "2C" && code != "3D") return std::nullopt;
    out.push_back(code == "2C" ? ',' : '=');
    i += 2;
  }
  return out;
}

bool is_printable_nonce(std::string_view nonce) {
  if (nonce.empty()) return false;
  for (const char c : nonce)
    if (c < 0x21 || c > 0x7E || c == ',') return false;
  return true;
}

}  // namespace

namespace {

Bytes salt_password(ScramHash hash, std::string_view password, BytesView salt,
                    std::uint32_t iterations) {
  Bytes salted(scram_key_size(hash), '\0');
  const int good = PKCS5_PBKDF2_HMAC(
      password.data(), static_cast<int>(password.size()), octets(salt),
      static_cast<int>(salt.size()), static_cast<int>(iterations), digest_of(hash),
      static_cast<int>(salted.size()), reinterpret_cast<unsigned char*>(salted.data()));
  CHECK(good == 1);
  return salted;
}

Bytes exclusive_or(Bytes a, BytesView b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

}  // namespace

std::size_t scram_key_size(ScramHash hash) { return hash == ScramHash::kSha1 ? 20 : 32; }

middle::ScramKeys derive_scram_keys(ScramHash hash, std::string_view password, Bytes salt,
                                    std::uint32_t iterations) {
  const Bytes salted = salt_password(hash, password, salt, iterations);
  middle::ScramKeys keys;
  keys.salt = std::move(salt);
  keys.iterations = iterations;
  keys.stored_key = digest(hash, hmac(hash, salted, "Client Key"));
  keys.server_key = hmac(hash, salted, "Server Key");
  return keys;
}

Bytes scram_client_proof(ScramHash hash, std::string_view password, const Bytes& salt,
                         std::uint32_t iterations, std::string_view auth_message) {
  const Bytes client_key =
      hmac(hash, salt_password(hash, password, salt, iterations), "Client Key");
  return exclusive_or(client_key, hmac(hash, digest(hash, client_key), auth_message));
}

std::string_view sasl_failure_name(SaslFailure failure) {
  switch (failure) {
    case SaslFailure::kAborted:
      return "aborted";
    case SaslFailure::kAccountDisabled:
      return "account-disabled";
    case SaslFailure::kEncryptionRequired:
      return "encryption-required";
    case SaslFailure::kIncorrectEncoding:
      return "incorrect-encoding";
    case SaslFailure::kInvalidAuthzid:
      return "invalid-authzid";
    case SaslFailure::kInvalidMechanism:
      return "invalid-mechanism";
    case SaslFailure::kMalformedRequest:
      return "malformed-request";
    case SaslFailure::kNotAuthorized:
      return "not-authorized";
    case SaslFailure::kTemporaryAuthFailure:
      return "temporary-auth-failure";
  }
  return "not-authorized";
}

std::optional<SaslFailure> ScramServer::read_gs2_header(std::string_view header) {
  const std::size_t comma = header.find(',');
  const std::string_view flag = header.substr(0, comma);
  std::string_view rest = header.substr(comma + 1);
  if (flag == "n" || flag == "y") {
    if (options_.plus) return SaslFailure::kMalformedRequest;
    // "I could, but you cannot": we can, so somebody took -PLUS out of our list.
    if (flag == "y" && options_.plus_offered) return SaslFailure::kNotAuthorized;
  } else if (flag.substr(0, 2) == "p=" && flag.size() > 2) {
    if (!options_.plus) return SaslFailure::kMalformedRequest;
    binding_type_ = flag.substr(2);
    const bool usable =
        (binding_type_ == "tls-exporter" && !options_.bindings.exporter.empty()) ||
        (binding_type_ == "tls-server-end-point" && !options_.bindings.end_point.empty()) ||
        (binding_type_ == "tls-unique" && !options_.bindings.unique.empty());
    if (!usable) return SaslFailure::kInvalidMechanism;
  } else {
    return SaslFailure::kMalformedRequest;
  }
  std::string_view authzid;
  if (take_attribute(rest, 'a', authzid)) {
    auto name = unescape_name(authzid);
    if (!name || name->empty()) return SaslFailure::kMalformedRequest;
    authzid_ = std::move(*name);
  }
  return std::nullopt;
}

std::optional<SaslFailure> ScramServer::client_first(std::string_view message) {
  if (message.size() > kMessageBytesMax) return SaslFailure::kMalformedRequest;
  const std::size_t first = message.find(',');
  const std::size_t second = first == std::string_view::npos ? first : message.find(',', first + 1);
  if (second == std::string_view::npos) return SaslFailure::kMalformedRequest;
  gs2_header_ = message.substr(0, second + 1);
  const std::string_view authzid = message.substr(first + 1, second - first - 1);
  if (!authzid.empty() && authzid.substr(0, 2) != "a=") return SaslFailure::kMalformedRequest;
  if (auto failure = read_gs2_header(gs2_header_)) return failure;

  client_first_bare_ = message.substr(second + 1);
  std::string_view rest = client_first_bare_;
  std::string_view name;
  std::string_view nonce;
  // "m=" (a mandatory extension) is none that we know, so it fails here, as it should.
  if (!take_attribute(rest, 'n', name) || !take_attribute(rest, 'r', nonce))
    return SaslFailure::kMalformedRequest;
  auto username = unescape_name(name);
  if (!username || username->empty() || !is_printable_nonce(nonce))
    return SaslFailure::kMalformedRequest;
  username_ = std::move(*username);
  nonce_ = nonce;
  return std::nullopt;
}

std::string ScramServer::server_first(const middle::ScramKeys& keys, std::string_view nonce) {
  keys_ = keys;
  nonce_.append(nonce);
  server_first_ =
      "r=" + nonce_ + ",s=" + base64_encode(keys.salt) + ",i=" + std::to_string(keys.iterations);
  return server_first_;
}

bool ScramServer::binding_matches(std::string_view encoded) const {
  const auto sent = base64_decode(encoded);
  if (!sent) return false;
  Bytes expected = gs2_header_;
  if (binding_type_ == "tls-exporter") expected.append(options_.bindings.exporter);
  if (binding_type_ == "tls-unique") expected.append(options_.bindings.unique);
  if (binding_type_ == "tls-server-end-point") expected.append(options_.bindings.end_point);
  return constant_time_equal(*sent, expected);
}

std::optional<SaslFailure> ScramServer::client_final(std::string_view message, bool known,
                                                     std::string& reply) {
  if (message.size() > kMessageBytesMax) return SaslFailure::kMalformedRequest;
  const std::size_t proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos) return SaslFailure::kMalformedRequest;
  const std::string_view without_proof = message.substr(0, proof_at);
  std::string_view rest = without_proof;
  std::string_view binding;
  std::string_view nonce;
  if (!take_attribute(rest, 'c', binding) || !take_attribute(rest, 'r', nonce))
    return SaslFailure::kMalformedRequest;
  const auto proof = base64_decode(message.substr(proof_at + 3));
  if (!proof || proof->size() != scram_key_size(options_.hash))
    return SaslFailure::kMalformedRequest;

  const Bytes auth_message =
      client_first_bare_ + "," + server_first_ + "," + std::string(without_proof);
  const Bytes client_key =
      exclusive_or(*proof, hmac(options_.hash, keys_.stored_key, auth_message));
  bool good = constant_time_equal(digest(options_.hash, client_key), keys_.stored_key);
  const Bytes signature = hmac(options_.hash, keys_.server_key, auth_message);
  good = binding_matches(binding) && good;
  good = constant_time_equal(nonce, nonce_) && good;
  if (!good || !known) return SaslFailure::kNotAuthorized;
  reply = "v=" + base64_encode(signature);
  return std::nullopt;
}

}  // namespace longwire::xmpp
