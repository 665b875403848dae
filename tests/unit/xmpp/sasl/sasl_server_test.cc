#include "xmpp/sasl/sasl_server.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace longwire::xmpp {
namespace {

using namespace std::string_literals;

middle::Credentials credentials_of(std::string_view password) {
  middle::Credentials credentials;
  credentials.sha1 = derive_scram_keys(ScramHash::kSha1, password, "0123456789abcdef", 4096);
  credentials.sha256 = derive_scram_keys(ScramHash::kSha256, password, "0123456789abcdef", 4096);
  return credentials;
}

class SaslServerTest : public testing::Test {
 protected:
  SaslServer server(ChannelBindings bindings = {}) {
    return SaslServer({.domain = "localhost", .unknown_secret = "secret", .bindings = bindings},
                      system_random());
  }
  // The whole attempt with PLAIN, of an account that has `stored`.
  SaslStep plain_against(const middle::Credentials& stored, const Bytes& message) {
    SaslServer attempt = server();
    attempt.start("PLAIN", message);
    return attempt.keys(derive_keys(std::get<SaslNeedsKeys>(attempt.credentials(stored))));
  }
  SaslStep plain(const Bytes& message) { return server().start("PLAIN", message); }
  SaslFailure plain_failure(const Bytes& message) { return std::get<SaslFailure>(plain(message)); }
  std::string server_first_for(std::string_view name, std::string_view mechanism) {
    SaslServer attempt = server();
    attempt.start(mechanism, "n,,n=" + std::string(name) + ",r=abc");
    const std::string first = std::get<SaslChallenge>(attempt.credentials(std::nullopt)).data;
    return first.substr(first.find(",s="));
  }
};

TEST_F(SaslServerTest, plus_is_announced_only_where_it_works) {
  EXPECT_EQ(sasl_mechanisms({}).front(), "SCRAM-SHA-256");
  EXPECT_EQ(sasl_mechanisms({.exporter = "x", .end_point = ""}).front(), "SCRAM-SHA-256-PLUS");
  EXPECT_EQ(channel_binding_types({.exporter = "x", .end_point = "y"}),
            (std::vector<std::string_view>{"tls-exporter", "tls-server-end-point"}));
  EXPECT_EQ(std::get<SaslFailure>(server().start("SCRAM-SHA-256-PLUS", std::nullopt)),
            SaslFailure::kInvalidMechanism);
}

TEST_F(SaslServerTest, plain_compares_with_the_stored_keys) {
  EXPECT_EQ(std::get<SaslNeedsCredentials>(plain("\0Alice\0secret"s)).account, "alice");
  const auto stored = credentials_of("secret");
  EXPECT_EQ(std::get<SaslSuccess>(plain_against(stored, "\0Alice\0secret"s)).account, "alice");
  EXPECT_EQ(std::get<SaslFailure>(plain_against(stored, "\0alice\0wrong"s)),
            SaslFailure::kNotAuthorized);
}

TEST_F(SaslServerTest, nobody_acts_for_another) {
  EXPECT_EQ(plain_failure("bob@localhost\0alice\0x"s), SaslFailure::kInvalidAuthzid);
  EXPECT_EQ(plain_failure("alice@elsewhere\0alice\0x"s), SaslFailure::kInvalidAuthzid);
  EXPECT_EQ(plain_failure("alice@localhost/r\0alice\0x"s), SaslFailure::kInvalidAuthzid);
  EXPECT_TRUE(std::holds_alternative<SaslNeedsCredentials>(plain("Alice@localhost\0alice\0x"s)));
}

TEST_F(SaslServerTest, malformed_plain_messages_are_refused) {
  for (const Bytes& bad : {""s, "alice"s, "\0alice"s, "\0\0x"s, "\0alice\0"s, "\0alice\0x\0y"s,
                           "\0al ice\0x"s, "\0a@b\0x"s})
    EXPECT_EQ(plain_failure(bad), SaslFailure::kMalformedRequest) << bad;
}

TEST_F(SaslServerTest, an_unknown_account_has_a_steady_salt_of_the_usual_form) {
  const std::string first = server_first_for("nobody", "SCRAM-SHA-256");
  EXPECT_EQ(first, server_first_for("nobody", "SCRAM-SHA-256"));
  EXPECT_NE(first, server_first_for("nobody2", "SCRAM-SHA-256"));
  EXPECT_NE(first, server_first_for("nobody", "SCRAM-SHA-1"));
  EXPECT_EQ(first.size(), (",s=" + base64_encode("0123456789abcdef") + ",i=4096").size());
}

TEST_F(SaslServerTest, a_message_too_many_fails) {
  SaslServer attempt = server();
  attempt.start("SCRAM-SHA-256", "n,,n=alice,r=abc");
  EXPECT_EQ(std::get<SaslFailure>(attempt.respond("x")), SaslFailure::kMalformedRequest);
}

TEST_F(SaslServerTest, a_mechanism_not_offered_is_refused) {
  EXPECT_EQ(std::get<SaslFailure>(server().start("DIGEST-MD5", std::nullopt)),
            SaslFailure::kInvalidMechanism);
}

TEST_F(SaslServerTest, the_banned_are_told_only_with_the_right_password) {
  auto banned = credentials_of("secret");
  banned.banned = true;
  EXPECT_EQ(std::get<SaslFailure>(plain_against(banned, "\0alice\0secret"s)),
            SaslFailure::kAccountDisabled);
  EXPECT_EQ(std::get<SaslFailure>(plain_against(banned, "\0alice\0guess"s)),
            SaslFailure::kNotAuthorized);
}

}  // namespace
}  // namespace longwire::xmpp
