#include "middle/registry/scram_keys.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::uint32_t kIterations = 4096;  // the least that RFC 5802 and RFC 7677 allow

const unsigned char* octets(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Bytes hmac(const EVP_MD* hash, BytesView key, BytesView text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(HMAC(hash, key.data(), static_cast<int>(key.size()), octets(text), text.size(), out,
             &size) != nullptr);
  return Bytes(reinterpret_cast<char*>(out), size);
}

Bytes digest(const EVP_MD* hash, BytesView text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), out, &size, hash, nullptr) == 1);
  return Bytes(reinterpret_cast<char*>(out), size);
}

ScramKeys derive(const EVP_MD* hash, std::string_view password, Random& random) {
  ScramKeys keys;
  keys.salt = random.bytes(kSaltBytes);
  keys.iterations = kIterations;
  Bytes salted(static_cast<std::size_t>(EVP_MD_get_size(hash)), '\0');
  CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets(keys.salt),
                          static_cast<int>(keys.salt.size()), static_cast<int>(kIterations), hash,
                          static_cast<int>(salted.size()),
                          reinterpret_cast<unsigned char*>(salted.data())) == 1);
  keys.stored_key = digest(hash, hmac(hash, salted, "Client Key"));
  keys.server_key = hmac(hash, salted, "Server Key");
  return keys;
}

}  // namespace

Credentials derive_credentials(std::string_view password, Random& random) {
  Credentials credentials;
  credentials.sha1 = derive(EVP_sha1(), password, random);
  credentials.sha256 = derive(EVP_sha256(), password, random);
  return credentials;
}

}  // namespace longwire::middle
