// Both ends show a certificate: who is let in, who is refused, and what either end is told.

#include "tests/unit/base_net/tls_pair.h"

namespace longwire::net {
namespace {

constexpr char kCluster[] = "longwire-tier";
constexpr std::int64_t kTwentyYearsMs = std::int64_t{20} * 365 * 86'400'000;

Timestamp long_ago() { return {system_clock().now().ms - kTwentyYearsMs}; }

class MutualTls : public TlsPair {
 protected:
  static CertificatePem authority() {
    return make_authority("test authority", system_clock().now()).value();
  }
  static CertificatePem signed_by(const CertificatePem& by, const std::vector<std::string>& hosts,
                                  Timestamp now = system_clock().now()) {
    return make_signed(by, hosts, now).value();
  }
  TlsServerOptions server() const {
    return {.certificate_pem = node_.certificate,
            .private_key_pem = node_.private_key,
            .alpn = {},
            .client_ca_pem = authority_.certificate,
            .client_name = kCluster};
  }
  TlsClientOptions client() const { return client_with(front_); }
  TlsClientOptions client_with(const CertificatePem& shown) const {
    return {.ca_pem = authority_.certificate,
            .server_name = kCluster,
            .alpn = {},
            .certificate_pem = shown.certificate,
            .private_key_pem = shown.private_key};
  }
  // The server said no, and the client was told.
  void expect_refused(std::string_view why) {
    ASSERT_FALSE(status_.ok());
    EXPECT_EQ(status_.error().code, ErrorCode::kUnauthenticated) << status_.error().message;
    EXPECT_NE(server_->failure().find(why), std::string::npos) << server_->failure();
    EXPECT_FALSE(server_->handshake_done());
    EXPECT_EQ(server_->peer_name(), "");
    EXPECT_NE(client_->failure().find("alert"), std::string::npos) << client_->failure();
    EXPECT_FALSE(server_->receive("more", at_server_, to_client_).ok());
  }

  const CertificatePem authority_ = authority();
  const CertificatePem node_ = signed_by(authority_, {"node-1", kCluster});
  const CertificatePem front_ = signed_by(authority_, {"10.0.0.7", kCluster});
};

TEST_F(MutualTls, carries_bytes_between_ends_that_know_each_other) {
  connect(server(), client());
  client_says("hello");
  EXPECT_EQ(at_server_, "hello");
  EXPECT_TRUE(server_->is_tls13());
}

TEST_F(MutualTls, tells_whom_the_certificates_are_for) {
  connect(server(), client());
  EXPECT_EQ(server_->peer_name(), "10.0.0.7");
  EXPECT_EQ(client_->peer_name(), "node-1");
}

TEST_F(MutualTls, refuses_a_client_that_shows_nothing) {
  auto options = client();
  options.certificate_pem = options.private_key_pem = "";
  connect(server(), options);
  expect_refused("peer did not return a certificate");
}

TEST_F(MutualTls, refuses_a_client_of_another_authority_of_the_same_name) {
  connect(server(), client_with(signed_by(authority(), {kCluster})));
  expect_refused("certificate verify failed");
}

TEST_F(MutualTls, refuses_a_client_whose_certificate_has_expired) {
  connect(server(), client_with(signed_by(authority_, {kCluster}, long_ago())));
  expect_refused("certificate has expired");
}

TEST_F(MutualTls, refuses_a_client_of_the_authority_that_is_for_another_name) {
  connect(server(), client_with(signed_by(authority_, {"mail.example.org"})));
  expect_refused("hostname mismatch");
}

TEST_F(MutualTls, refuses_a_client_whose_certificate_is_a_servers_alone) {
  const auto own = make_self_signed({kCluster}, system_clock().now()).value();
  auto options = server();
  options.client_ca_pem = own.certificate;
  connect(options, client_with(own));
  expect_refused("purpose");
}

TEST_F(MutualTls, refuses_a_server_of_another_authority) {
  auto options = client();
  options.ca_pem = authority().certificate;
  connect(server(), options);
  EXPECT_FALSE(client_->handshake_done());
  EXPECT_NE(client_->failure().find("certificate verify failed"), std::string::npos);
}

TEST_F(MutualTls, refuses_a_server_whose_certificate_has_expired) {
  const auto old = signed_by(authority_, {kCluster}, long_ago());
  auto options = server();
  options.certificate_pem = old.certificate;
  options.private_key_pem = old.private_key;
  connect(options, client());
  EXPECT_NE(client_->failure().find("certificate has expired"), std::string::npos);
}

TEST_F(MutualTls, trusts_two_authorities_of_one_name_at_a_turnover) {
  const CertificatePem next = authority();
  auto options = server();
  options.client_ca_pem = next.certificate + authority_.certificate;
  connect(options, client());
  EXPECT_EQ(server_->peer_name(), "10.0.0.7");
  connect(options, client_with(signed_by(next, {kCluster})));
  EXPECT_EQ(server_->peer_name(), kCluster);
}

TEST_F(MutualTls, refuses_tls_1_2) {
  const auto context = make_tls_server(server()).value();
  const auto session = context->new_session();
  // A ClientHello of TLS 1.2, without extensions: version, random, no session, one cipher suite.
  const Bytes body = Bytes("\x03\x03", 2) + Bytes(32, 'r') + Bytes("\0\0\x02\xc0\x2b\x01\0", 7);
  const Bytes hello = Bytes("\x01\0\0", 3) + static_cast<char>(body.size()) + body;
  const Bytes record = Bytes("\x16\x03\x01\0", 4) + static_cast<char>(hello.size()) + hello;
  EXPECT_FALSE(session->receive(record, at_server_, to_client_).ok());
  EXPECT_NE(session->failure().find("unsupported protocol"), std::string::npos)
      << session->failure();
}

TEST_F(MutualTls, refuses_options_that_would_let_everybody_in) {
  auto options = server();
  options.client_ca_pem = "";
  EXPECT_EQ(make_tls_server(options).error().code, ErrorCode::kInvalidArgument);
  options.client_ca_pem = "no certificate";
  EXPECT_EQ(make_tls_server(options).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(MutualTls, refuses_half_a_clients_certificate) {
  auto options = client();
  options.private_key_pem = "";
  EXPECT_EQ(make_tls_client(options).error().code, ErrorCode::kInvalidArgument);
  options.private_key_pem = node_.private_key;
  EXPECT_EQ(make_tls_client(options).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(MutualTls, does_not_ask_a_client_where_nothing_is_said) {
  connect(server_options(), client_options());
  EXPECT_TRUE(server_->handshake_done());
  EXPECT_EQ(server_->peer_name(), "");
  EXPECT_EQ(client_->peer_name(), "localhost");
  EXPECT_EQ(client_->failure(), "");
}

TEST(Authority, signs_only_with_a_key_that_fits) {
  const auto one = make_authority("a", system_clock().now()).value();
  const auto other = make_authority("a", system_clock().now()).value();
  EXPECT_FALSE(make_signed({one.certificate, other.private_key}, {"x"}, {}).ok());
  EXPECT_FALSE(make_signed({"", one.private_key}, {"x"}, {}).ok());
  EXPECT_FALSE(make_signed(one, {}, {}).ok());
}

}  // namespace
}  // namespace longwire::net
