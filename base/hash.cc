#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace longwire {
namespace {

constexpr std::uint32_t kCrc32cPolynomial = 0x82f63b78;  // reflected

constexpr std::array<std::uint32_t, 256> crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? value >> 1 ^ kCrc32cPolynomial : value >> 1;
    }
    table[i] = value;
  }
  return table;
}

constexpr auto kCrc32cTable = crc32c_table();

std::uint32_t crc32c_portable(BytesView bytes) {
  std::uint32_t crc = 0xffffffff;
  for (char byte : bytes) {
    crc = crc >> 8 ^ kCrc32cTable[(crc ^ static_cast<std::uint8_t>(byte)) & 0xff];
  }
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(BytesView bytes) {
  std::uint64_t crc = 0xffffffff;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    crc = _mm_crc32_u64(crc, word);
  }
  auto crc32 = static_cast<std::uint32_t>(crc);
  for (; i < bytes.size(); ++i) crc32 = _mm_crc32_u8(crc32, static_cast<std::uint8_t>(bytes[i]));
  return ~crc32;
}
#endif

}  // namespace

std::uint16_t home_hash(BytesView name) { return static_cast<std::uint16_t>(hash64(name)); }

std::uint64_t hash64(BytesView bytes, std::uint64_t seed) {
  return XXH64(bytes.data(), bytes.size(), seed);
}

std::uint32_t crc32c(BytesView bytes) {
#if defined(__x86_64__)
  static const bool has_sse42 = __builtin_cpu_supports("sse4.2") != 0;
  if (has_sse42) return crc32c_sse42(bytes);
#endif
  return crc32c_portable(bytes);
}

bool constant_time_equal(BytesView a, BytesView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes sha256(BytesView bytes) {
  Bytes out(32, '\0');
  CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                   nullptr, EVP_sha256(), nullptr) == 1);
  return out;
}

}  // namespace longwire
