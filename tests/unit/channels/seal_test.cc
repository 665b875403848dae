#include "channels/aead/seal.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/encoding.h"

namespace longwire::channels {
namespace {

struct Vector {
  std::string name;
  SealCipher cipher = SealCipher::kAes128Gcm;
  Bytes secret, nonce, plaintext, key, sealed;
  std::string incarnation, feed, registration;
  std::uint64_t number = 0;

  SealedAs as() const {
    return {.registration = registration, .feed = feed, .number = number, .nonce = nonce};
  }
  SealKey derived() const {
    return derive_seal_key({.secret = secret, .incarnation = incarnation, .feed = feed});
  }
};

Bytes hex(const nlohmann::json& from, const char* member) {
  return hex_decode(from.at(member).get<std::string>()).value();
}

std::vector<Vector> read_vectors() {
  std::ifstream file("channels/aead/vectors.json");
  const nlohmann::json whole = nlohmann::json::parse(file);
  std::vector<Vector> vectors;
  for (const auto& json : whole.at("vectors")) {
    Vector vector;
    vector.name = json.at("name");
    vector.cipher = seal_cipher(json.at("cipher").get<std::string>()).value();
    vector.secret = hex(json, "secret");
    vector.nonce = hex(json, "message_id");
    vector.plaintext = hex(json, "plaintext");
    vector.key = hex(json, "key");
    vector.sealed = hex(json, "sealed");
    vector.incarnation = json.at("incarnation");
    vector.feed = json.at("feed");
    vector.registration = json.at("reg_id");
    vector.number = std::stoull(json.at("number").get<std::string>());
    vectors.push_back(vector);
  }
  return vectors;
}

TEST(Seal, gives_the_known_answers) {
  auto vectors = read_vectors();
  ASSERT_GE(vectors.size(), 6u);
  for (const Vector& vector : vectors) {
    SealKey key = vector.derived();
    BytesView key_bytes(reinterpret_cast<const char*>(key.bytes.data()), vector.key.size());
    EXPECT_EQ(hex_encode(key_bytes), hex_encode(vector.key)) << vector.name;
    Bytes sealed;
    Sealer(vector.cipher).seal(key, vector.as(), vector.plaintext, sealed);
    EXPECT_EQ(hex_encode(sealed), hex_encode(vector.sealed)) << vector.name;
  }
}

TEST(Seal, opens_the_known_answers) {
  for (const Vector& vector : read_vectors()) {
    auto opened = Sealer(vector.cipher).open(vector.derived(), vector.as(), vector.sealed);
    ASSERT_TRUE(opened.ok()) << vector.name;
    EXPECT_EQ(*opened, vector.plaintext) << vector.name;
  }
}

TEST(Seal, refuses_any_flipped_bit) {
  const Vector vector = read_vectors().front();
  Sealer sealer(vector.cipher);
  for (std::size_t bit = 0; bit < vector.sealed.size() * 8; ++bit) {
    Bytes changed = vector.sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(sealer.open(vector.derived(), vector.as(), changed).ok()) << bit;
  }
}

TEST(Seal, refuses_what_was_sealed_for_another) {
  const Vector vector = read_vectors().front();
  Sealer sealer(vector.cipher);
  auto opens = [&](const Vector& as) {
    return sealer.open(vector.derived(), as.as(), vector.sealed).ok();
  };
  ASSERT_TRUE(opens(vector));
  Vector other = vector;
  other.registration = "another";
  EXPECT_FALSE(opens(other));
  other = vector;
  other.feed = "app:1";
  EXPECT_FALSE(opens(other));
  other = vector;
  other.number += 1;
  EXPECT_FALSE(opens(other));
  other = vector;
  other.nonce[0] = '\x55';
  EXPECT_FALSE(opens(other));
  other = vector;
  other.secret[0] = '\x55';
  EXPECT_FALSE(sealer.open(other.derived(), vector.as(), vector.sealed).ok());
}

TEST(Seal, refuses_what_is_shorter_than_a_tag) {
  const Vector vector = read_vectors().front();
  Sealer sealer(vector.cipher);
  for (std::size_t size = 0; size < kSealTagBytes; ++size)
    EXPECT_FALSE(sealer.open(vector.derived(), vector.as(), Bytes(size, 'x')).ok());
}

TEST(Seal, keys_differ_where_names_only_shift) {
  auto key = [](std::string_view incarnation, std::string_view feed) {
    return derive_seal_key({.secret = "s", .incarnation = incarnation, .feed = feed}).bytes;
  };
  EXPECT_NE(key("ab", "c"), key("a", "bc"));
}

TEST(Seal, appends_and_serves_many_registrations_in_turn) {
  Sealer sealer(SealCipher::kAes128Gcm);
  Bytes out = "kept";
  const Bytes nonce(kSealNonceBytes, 'n');
  SealedAs as{.registration = "r", .feed = "f", .number = 1, .nonce = nonce};
  SealKey one = derive_seal_key({.secret = "one", .incarnation = "i", .feed = "f"});
  SealKey two = derive_seal_key({.secret = "two", .incarnation = "i", .feed = "f"});
  sealer.seal(one, as, "body", out);
  sealer.seal(two, as, "body", out);
  ASSERT_EQ(out.size(), 4 + 2 * (4 + kSealTagBytes));
  EXPECT_EQ(*sealer.open(one, as, BytesView(out).substr(4, 20)), "body");
  EXPECT_EQ(*sealer.open(two, as, BytesView(out).substr(24)), "body");
}

}  // namespace
}  // namespace longwire::channels
