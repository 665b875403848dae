#include "xmpp/sasl/scram.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace longwire::xmpp {
namespace {

// Example of RFC 5802 section 5.
TEST(Scram, the_exchange_of_rfc_5802_succeeds) {
  ScramServer server({.hash = ScramHash::kSha1});
  ASSERT_FALSE(server.client_first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL").has_value());
  EXPECT_EQ(server.username(), "user");
  const auto keys =
      derive_scram_keys(ScramHash::kSha1, "pencil", *base64_decode("QSXCR+Q6sek8bf92"), 4096);
  EXPECT_EQ(server.server_first(keys, "3rfcNHYJY1ZVvWVs7j"),
            "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
  std::string reply;
  EXPECT_FALSE(server
                   .client_final("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
                                 "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                                 true, reply)
                   .has_value());
  EXPECT_EQ(reply, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

// Example of RFC 7677 section 3.
TEST(Scram, the_exchange_of_rfc_7677_succeeds) {
  ScramServer server({.hash = ScramHash::kSha256});
  ASSERT_FALSE(server.client_first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO").has_value());
  const auto keys = derive_scram_keys(ScramHash::kSha256, "pencil",
                                      *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  server.server_first(keys, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
  std::string reply;
  EXPECT_FALSE(server
                   .client_final("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                 "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                                 true, reply)
                   .has_value());
  EXPECT_EQ(reply, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

std::optional<SaslFailure> first(std::string_view message, bool plus, bool offered) {
  ScramServer server({.hash = ScramHash::kSha256,
                      .plus = plus,
                      .plus_offered = offered,
                      .bindings = {.exporter = "exporter-bytes", .end_point = ""}});
  return server.client_first(message);
}

TEST(Scram, a_client_that_missed_our_plus_is_refused) {
  EXPECT_EQ(first("y,,n=user,r=abc", false, true), SaslFailure::kNotAuthorized);
  EXPECT_EQ(first("y,,n=user,r=abc", false, false), std::nullopt);
  EXPECT_EQ(first("n,,n=user,r=abc", false, true), std::nullopt);
}

TEST(Scram, channel_binding_types_that_do_not_work_here_are_refused) {
  EXPECT_EQ(first("p=tls-unique,,n=user,r=abc", true, true), SaslFailure::kInvalidMechanism);
  EXPECT_EQ(first("p=tls-server-end-point,,n=user,r=abc", true, true),
            SaslFailure::kInvalidMechanism);
  EXPECT_EQ(first("p=tls-exporter,,n=user,r=abc", true, true), std::nullopt);
  EXPECT_EQ(first("n,,n=user,r=abc", true, true), SaslFailure::kMalformedRequest);
  EXPECT_EQ(first("p=tls-exporter,,n=user,r=abc", false, true), SaslFailure::kMalformedRequest);
}

TEST(Scram, malformed_first_messages_are_refused) {
  for (const char* bad : {"", "n", "n,", "n,,", "n,,n=user", "n,,r=abc,n=user", "x,,n=user,r=abc",
                          "n,,m=ext,n=user,r=abc", "n,,n=us=er,r=abc", "n,,n=,r=abc",
                          "n,,n=user,r=", "n,junk,n=user,r=abc", "p=,,n=user,r=abc"})
    EXPECT_EQ(first(bad, false, false), SaslFailure::kMalformedRequest) << bad;
  EXPECT_EQ(first("n,,n=user,r=" + std::string(3000, 'a'), false, false),
            SaslFailure::kMalformedRequest);
}

// The client's side, enough of it to be right or wrong on purpose.
struct Attempt {
  std::string binding = "tls-exporter";
  Bytes binding_data = "exporter-bytes";
  std::string password = "pencil";
  std::string nonce_suffix = "server";
  std::string nonce_echo = "clientserver";
};
std::optional<SaslFailure> attempt(const Attempt& with, bool known = true) {
  ScramServer server(
      {.hash = ScramHash::kSha256,
       .plus = true,
       .plus_offered = true,
       .bindings = {.exporter = "exporter-bytes", .unique = "finished", .end_point = "end"}});
  const std::string gs2 = "p=" + with.binding + ",,";
  if (auto failure = server.client_first(gs2 + "n=user,r=client")) return failure;
  const auto keys = derive_scram_keys(ScramHash::kSha256, "pencil", "salt", 4096);
  const std::string server_first = server.server_first(keys, with.nonce_suffix);
  const std::string without_proof =
      "c=" + base64_encode(gs2 + with.binding_data) + ",r=" + with.nonce_echo;
  const std::string auth = "n=user,r=client," + server_first + "," + without_proof;
  const Bytes proof = scram_client_proof(ScramHash::kSha256, with.password, "salt", 4096, auth);
  std::string reply;
  return server.client_final(without_proof + ",p=" + base64_encode(proof), known, reply);
}

TEST(Scram, the_bound_channel_must_be_this_one) {
  EXPECT_EQ(attempt({}), std::nullopt);
  EXPECT_EQ(attempt({.binding = "tls-server-end-point", .binding_data = "end"}), std::nullopt);
  EXPECT_EQ(attempt({.binding = "tls-unique", .binding_data = "finished"}), std::nullopt);
  EXPECT_EQ(attempt({.binding = "tls-unique", .binding_data = "other"}),
            SaslFailure::kNotAuthorized);
  EXPECT_EQ(attempt({.binding_data = "another"}), SaslFailure::kNotAuthorized);
  EXPECT_EQ(attempt({.binding = "tls-server-end-point"}), SaslFailure::kNotAuthorized);
}

TEST(Scram, wrong_password_nonce_or_account_fail_alike) {
  EXPECT_EQ(attempt({.password = "pencils"}), SaslFailure::kNotAuthorized);
  EXPECT_EQ(attempt({.nonce_echo = "client"}), SaslFailure::kNotAuthorized);
  EXPECT_EQ(attempt({}, false), SaslFailure::kNotAuthorized);
}

}  // namespace
}  // namespace longwire::xmpp
