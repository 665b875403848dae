#pragma once

// Second encryption: a push's body is sealed per registration, so that what lies between the server
// and the app (a proxy that ends TLS, a shared push service, other apps) sees metadata only and
// forges nothing. Exact bytes (version 1):
//
//   text(x)         = length of x in bytes as 2 bytes big-endian, then x
//   key             = HKDF-SHA256(ikm = the registration's secret, salt = none,
//                                 info = text(incarnation) text(feed), length of the cipher's key)
//   nonce           = the message id, 12 bytes
//   associated data = text(regId) text(feed) number as 8 bytes big-endian
//   sealed          = ciphertext, then the 16 bytes of the tag
//
// Known answers: channels/aead/vectors.json.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace longwire::channels {

// The values travel in Push.cipher.
enum class SealCipher : std::uint8_t { kAes128Gcm = 1, kChaCha20Poly1305 = 2 };
std::optional<SealCipher> seal_cipher(std::int64_t number);
// "aes-128-gcm", "chacha20-poly1305"; the same in configuration and vectors.json.
std::optional<SealCipher> seal_cipher(std::string_view name);

inline constexpr std::size_t kSealNonceBytes = 12;
inline constexpr std::size_t kSealTagBytes = 16;

// AES-128-GCM uses the first 16 bytes.
struct SealKey {
  std::array<std::uint8_t, 32> bytes{};
};

// What a key depends on. Lengths below 64 KiB.
struct SealKeyInput {
  BytesView secret;
  std::string_view incarnation;
  std::string_view feed;
};
// About 2 µs: keep the result as long as the registration is served.
SealKey derive_seal_key(const SealKeyInput& input);

// One entry for one registration.
struct SealedAs {
  std::string_view registration;
  std::string_view feed;
  std::uint64_t number = 0;
  BytesView nonce;  // kSealNonceBytes
};

// Seals and opens; holds one cipher context that is keyed anew for each call, so one Sealer serves
// every registration of a loop. Loop-bound.
class Sealer final {
 public:
  explicit Sealer(SealCipher cipher);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  SealCipher cipher() const { return cipher_; }
  // Appends plaintext.size() + kSealTagBytes bytes to `out`.
  void seal(const SealKey& key, const SealedAs& as, BytesView plaintext, Bytes& out);
  // kCorrupt: sealed by somebody else, for somebody else, or changed on the way.
  Result<Bytes> open(const SealKey& key, const SealedAs& as, BytesView sealed);

 private:
  struct Context;
  SealCipher cipher_;
  std::unique_ptr<Context> context_;
  Bytes associated_data_;  // kept for its memory
};

}  // namespace longwire::channels
