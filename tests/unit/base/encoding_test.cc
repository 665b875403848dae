#include "base/encoding.h"

#include <gtest/gtest.h>

namespace longwire {
namespace {

struct Known {
  Bytes bytes;
  std::string base64;
  std::string base64url;
};

// RFC 4648 section 10, and bytes that need the two last digits.
const std::vector<Known>& known() {
  static const std::vector<Known> rows = {
      {"", "", ""},
      {"f", "Zg==", "Zg"},
      {"fo", "Zm8=", "Zm8"},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg==", "Zm9vYg"},
      {"fooba", "Zm9vYmE=", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
      {"\xfb\xff\xfe", "+//+", "-__-"},
  };
  return rows;
}

TEST(Base64, knows_the_vectors_of_the_rfc) {
  for (const Known& row : known()) {
    EXPECT_EQ(base64_encode(row.bytes), row.base64);
    EXPECT_EQ(base64_decode(row.base64), row.bytes);
    EXPECT_EQ(base64url_encode(row.bytes), row.base64url);
    EXPECT_EQ(base64url_decode(row.base64url), row.bytes);
  }
}

TEST(Base64, comes_back_for_every_byte_and_length) {
  Bytes bytes;
  for (int i = 0; i < 512; ++i) {
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(i * 7)));
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
  }
}

TEST(Base64, appends_to_what_is_there) {
  std::string out = "<";
  base64_append("foob", out);
  EXPECT_EQ(out, "<Zm9vYg==");
}

TEST(Base64, refuses_what_no_encoder_makes) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Z m9",
                           "Zg==Zg==", "Zm9v\n", "-__-", "Zm9\xff"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

TEST(Base64url, refuses_padding_and_the_other_alphabet) {
  for (const char* text : {"Zg==", "+//+", "Z", "Zh", "Zm9vY"}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
}

TEST(Hex, comes_back_and_reads_both_cases) {
  EXPECT_EQ(hex_encode(Bytes("\x00\xab\xff", 3)), "00abff");
  EXPECT_EQ(hex_decode("00aBFf"), Bytes("\x00\xab\xff", 3));
}

TEST(Hex, refuses_half_a_byte_and_other_digits) {
  for (const char* text : {"0", "0g", "0x", " 0"}) EXPECT_EQ(hex_decode(text), std::nullopt);
}

}  // namespace
}  // namespace longwire
