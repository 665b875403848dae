#include "channels/aead/seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace longwire::channels {

namespace {

constexpr std::size_t kSha256Bytes = 32;
using Digest = std::array<std::uint8_t, kSha256Bytes>;

const std::uint8_t* octets(BytesView bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

int as_int(std::size_t size) {
  CHECK(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(size);
}

void append_text(std::string_view text, Bytes& out) {
  CHECK(text.size() <= std::numeric_limits<std::uint16_t>::max());
  out.push_back(static_cast<char>(text.size() >> 8));
  out.push_back(static_cast<char>(text.size() & 0xff));
  out.append(text);
}

void append_associated_data(const SealedAs& as, Bytes& out) {
  append_text(as.registration, out);
  append_text(as.feed, out);
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>((as.number >> shift) & 0xff));
}

Digest hmac_sha256(BytesView key, BytesView data) {
  Digest digest{};
  unsigned int size = 0;
  const auto* made = HMAC(EVP_sha256(), key.data(), as_int(key.size()), octets(data), data.size(),
                          digest.data(), &size);
  CHECK(made != nullptr);
  CHECK(size == digest.size());
  return digest;
}

BytesView view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

std::optional<SealCipher> seal_cipher(std::int64_t number) {
  if (number == 1) return SealCipher::kAes128Gcm;
  if (number == 2) return SealCipher::kChaCha20Poly1305;
  return std::nullopt;
}

std::optional<SealCipher> seal_cipher(std::string_view name) {
  if (name == "aes-128-gcm") return SealCipher::kAes128Gcm;
  if (name == "chacha20-poly1305") return SealCipher::kChaCha20Poly1305;
  return std::nullopt;
}

// HKDF (RFC 5869). The key fits into the first block of the expansion, so that is one more HMAC;
// OpenSSL's own EVP_KDF costs several times as much in look-ups.
SealKey derive_seal_key(const SealKeyInput& input) {
  const Digest no_salt{};
  Digest pseudo_random_key = hmac_sha256(view(no_salt), input.secret);
  Bytes info;
  append_text(input.incarnation, info);
  append_text(input.feed, info);
  info.push_back('\x01');
  SealKey key;
  key.bytes = hmac_sha256(view(pseudo_random_key), info);
  return key;
}

struct Sealer::Context {
  EVP_CIPHER* cipher = nullptr;
  EVP_CIPHER_CTX* sealing = nullptr;
  EVP_CIPHER_CTX* opening = nullptr;

  ~Context() {
    EVP_CIPHER_CTX_free(sealing);
    EVP_CIPHER_CTX_free(opening);
    EVP_CIPHER_free(cipher);
  }
};

Sealer::Sealer(SealCipher cipher) : cipher_(cipher), context_(std::make_unique<Context>()) {
  const char* name = cipher == SealCipher::kAes128Gcm ? "AES-128-GCM" : "ChaCha20-Poly1305";
  context_->cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  context_->sealing = EVP_CIPHER_CTX_new();
  context_->opening = EVP_CIPHER_CTX_new();
  CHECK(context_->cipher != nullptr);
  CHECK(EVP_EncryptInit_ex2(context_->sealing, context_->cipher, nullptr, nullptr, nullptr) == 1);
  CHECK(EVP_DecryptInit_ex2(context_->opening, context_->cipher, nullptr, nullptr, nullptr) == 1);
}

Sealer::~Sealer() = default;

void Sealer::seal(const SealKey& key, const SealedAs& as, BytesView plaintext, Bytes& out) {
  CHECK(as.nonce.size() == kSealNonceBytes);
  associated_data_.clear();
  append_associated_data(as, associated_data_);
  const std::size_t start = out.size();
  out.resize(start + plaintext.size() + kSealTagBytes);
  auto* to = reinterpret_cast<std::uint8_t*>(out.data() + start);

  EVP_CIPHER_CTX* context = context_->sealing;
  int size = 0;
  CHECK(EVP_EncryptInit_ex2(context, nullptr, key.bytes.data(), octets(as.nonce), nullptr) == 1);
  CHECK(EVP_EncryptUpdate(context, nullptr, &size, octets(associated_data_),
                          as_int(associated_data_.size())) == 1);
  CHECK(EVP_EncryptUpdate(context, to, &size, octets(plaintext), as_int(plaintext.size())) == 1);
  CHECK(EVP_EncryptFinal_ex(context, to + size, &size) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kSealTagBytes, to + plaintext.size()) ==
        1);
}

Result<Bytes> Sealer::open(const SealKey& key, const SealedAs& as, BytesView sealed) {
  const Error refused{ErrorCode::kCorrupt, "the sealed body does not verify"};
  if (as.nonce.size() != kSealNonceBytes) return refused;
  if (sealed.size() < kSealTagBytes) return refused;
  associated_data_.clear();
  append_associated_data(as, associated_data_);
  BytesView ciphertext = sealed.substr(0, sealed.size() - kSealTagBytes);
  Bytes tag(sealed.substr(ciphertext.size()));
  Bytes plaintext(ciphertext.size(), '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(plaintext.data());

  EVP_CIPHER_CTX* context = context_->opening;
  int size = 0;
  CHECK(EVP_DecryptInit_ex2(context, nullptr, key.bytes.data(), octets(as.nonce), nullptr) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kSealTagBytes, tag.data()) == 1);
  CHECK(EVP_DecryptUpdate(context, nullptr, &size, octets(associated_data_),
                          as_int(associated_data_.size())) == 1);
  CHECK(EVP_DecryptUpdate(context, to, &size, octets(ciphertext), as_int(ciphertext.size())) == 1);
  if (EVP_DecryptFinal_ex(context, to + size, &size) != 1) return refused;
  return plaintext;
}

}  // namespace longwire::channels
