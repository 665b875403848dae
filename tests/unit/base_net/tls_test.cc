#include "base/net/tls.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/unit/base_net/tls_pair.h"

namespace longwire::net {
namespace {

TEST_F(TlsPair, carries_bytes_both_ways) {
  connect(server_options(), client_options());
  ASSERT_TRUE(client_->handshake_done());
  client_says("hello");
  EXPECT_EQ(at_server_, "hello");
  EXPECT_TRUE(server_->send("welcome", to_client_).ok());
  exchange();
  EXPECT_EQ(at_client_, "welcome");
  EXPECT_TRUE(server_->is_tls13());
}

TEST_F(TlsPair, carries_more_than_a_record) {
  connect(server_options(), client_options());
  const Bytes large(1'000'000, 'x');
  client_says(large);
  EXPECT_EQ(at_server_, large);
}

TEST_F(TlsPair, takes_a_record_byte_by_byte) {
  connect(server_options(), client_options());
  Bytes wire;
  EXPECT_TRUE(client_->send("slowly", wire).ok());
  for (char byte : wire) {
    EXPECT_TRUE(server_->receive(BytesView(&byte, 1), at_server_, to_client_).ok());
  }
  EXPECT_EQ(at_server_, "slowly");
}

TEST_F(TlsPair, keeps_what_is_sent_before_the_handshake) {
  server_ = make_tls_server(server_options()).value()->new_session();
  client_ = make_tls_client(client_options()).value()->new_session();
  EXPECT_TRUE(client_->start(to_server_).ok());
  client_says("early");
  EXPECT_EQ(at_server_, "early");
}

TEST_F(TlsPair, agrees_on_what_the_server_prefers) {
  auto server = server_options();
  auto client = client_options();
  server.alpn = {"h2", "http/1.1"};
  client.alpn = {"http/1.1", "h2"};
  connect(server, client);
  EXPECT_EQ(client_->alpn(), "h2");
  EXPECT_EQ(server_->alpn(), "h2");
  EXPECT_EQ(server_->server_name(), "localhost");
}

TEST_F(TlsPair, goes_on_without_a_common_protocol_where_none_is_required) {
  auto server = server_options();
  auto client = client_options();
  server.alpn = {"xmpp-client"};
  client.alpn = {"h2"};
  connect(server, client);
  EXPECT_TRUE(server_->handshake_done());
  EXPECT_EQ(server_->alpn(), "");
}

TEST_F(TlsPair, refuses_foreign_protocols_where_one_is_required) {
  auto server = server_options();
  auto client = client_options();
  server.alpn = {"xmpp-client"};
  server.alpn_required = true;
  client.alpn = {"h2"};
  connect(server, client);
  EXPECT_EQ(status_.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(client_->handshake_done());
}

TEST_F(TlsPair, refuses_a_server_it_does_not_trust) {
  auto client = client_options();
  client.ca_pem = make_self_signed({"localhost"}, system_clock().now())->certificate;
  connect(server_options(), client);
  EXPECT_EQ(status_.error().code, ErrorCode::kUnauthenticated);
  EXPECT_FALSE(to_server_.empty());  // the alert
}

TEST_F(TlsPair, trusts_nothing_without_a_ca) {
  auto client = client_options();
  client.ca_pem = "";
  connect(server_options(), client);
  EXPECT_EQ(status_.error().code, ErrorCode::kUnauthenticated);
}

TEST_F(TlsPair, refuses_a_server_of_another_name) {
  auto client = client_options();
  client.server_name = "example.org";
  connect(server_options(), client);
  EXPECT_EQ(status_.error().code, ErrorCode::kUnauthenticated);
}

TEST_F(TlsPair, accepts_a_server_by_its_ip) {
  auto client = client_options();
  client.server_name = "127.0.0.1";
  connect(server_options(), client);
  EXPECT_TRUE(client_->handshake_done());
}

TEST_F(TlsPair, exports_the_same_binding_on_both_sides) {
  connect(server_options(), client_options());
  EXPECT_EQ(server_->channel_binding_exporter().size(), 32u);
  EXPECT_EQ(server_->channel_binding_exporter(), client_->channel_binding_exporter());
  EXPECT_EQ(server_->channel_binding_end_point().size(), 32u);
  EXPECT_EQ(server_->channel_binding_end_point(), client_->channel_binding_end_point());
}

TEST_F(TlsPair, exports_another_binding_for_every_connection) {
  connect(server_options(), client_options());
  const Bytes first = server_->channel_binding_exporter();
  connect(server_options(), client_options());
  EXPECT_NE(server_->channel_binding_exporter(), first);
}

TEST_F(TlsPair, tells_of_the_peers_orderly_end) {
  connect(server_options(), client_options());
  EXPECT_TRUE(client_->send("last", to_server_).ok());
  client_->close_notify(to_server_);
  exchange();
  EXPECT_EQ(at_server_, "last");
  EXPECT_TRUE(server_->peer_closed());
}

TEST_F(TlsPair, fails_for_good_at_garbage) {
  server_ = make_tls_server(server_options()).value()->new_session();
  EXPECT_FALSE(server_->receive("GET / HTTP/1.1\r\n\r\n", at_server_, to_client_).ok());
  EXPECT_FALSE(server_->receive("more", at_server_, to_client_).ok());
  EXPECT_FALSE(server_->send("no", to_client_).ok());
}

TEST_F(TlsPair, fails_at_a_record_that_was_changed) {
  connect(server_options(), client_options());
  EXPECT_TRUE(client_->send("text", to_server_).ok());
  to_server_.back() = static_cast<char>(to_server_.back() ^ 1);
  exchange();
  EXPECT_EQ(status_.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(at_server_, "");
}

// A client of OpenSSL's own, bound to one version.
class OldClient {
 public:
  explicit OldClient(int version) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    ssl_ = SSL_new(context_);
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
  }
  OldClient(const OldClient&) = delete;
  OldClient& operator=(const OldClient&) = delete;
  ~OldClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }

  Bytes step(BytesView from_server) {
    BIO_write(SSL_get_rbio(ssl_), from_server.data(), static_cast<int>(from_server.size()));
    SSL_do_handshake(ssl_);
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_), &data);
    Bytes out(data, static_cast<std::size_t>(size));
    (void)BIO_reset(SSL_get_wbio(ssl_));
    return out;
  }
  bool done() const { return SSL_is_init_finished(ssl_) == 1; }
  Bytes exporter() {
    Bytes out(32, '\0');
    SSL_export_keying_material(ssl_, reinterpret_cast<unsigned char*>(out.data()), out.size(),
                               "EXPORTER-Channel-Binding", 24, nullptr, 0, 1);
    return out;
  }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
};

class TlsVersions : public testing::Test {
 protected:
  bool shake_hands(OldClient& client) {
    Bytes down;
    for (int i = 0; i < 4; ++i) {
      const Bytes up = client.step(std::exchange(down, {}));
      if (!up.empty() && !server_->receive(up, plaintext_, down).ok()) return false;
    }
    return client.done() && server_->handshake_done();
  }
  std::unique_ptr<TlsSession> server_ = make_tls_server(server_options()).value()->new_session();
  Bytes plaintext_;
};

TEST_F(TlsVersions, speaks_tls_1_2_with_the_exporter_of_its_extended_secret) {
  OldClient client(TLS1_2_VERSION);
  ASSERT_TRUE(shake_hands(client));
  EXPECT_FALSE(server_->is_tls13());
  EXPECT_EQ(server_->channel_binding_exporter(), client.exporter());
}

TEST_F(TlsVersions, refuses_tls_1_1) {
  OldClient client(TLS1_1_VERSION);
  EXPECT_FALSE(shake_hands(client));
}

TEST(TlsServer, refuses_broken_or_foreign_keys) {
  auto options = server_options();
  options.private_key_pem = make_self_signed({"x"}, system_clock().now())->private_key;
  EXPECT_EQ(make_tls_server(options).error().code, ErrorCode::kInvalidArgument);
  options.private_key_pem = "no key";
  EXPECT_EQ(make_tls_server(options).error().code, ErrorCode::kInvalidArgument);
  options = server_options();
  options.certificate_pem = "";
  EXPECT_EQ(make_tls_server(options).error().code, ErrorCode::kInvalidArgument);
}

TEST(TlsClient, refuses_a_ca_that_is_none) {
  auto options = client_options();
  options.ca_pem = "no certificate";
  EXPECT_EQ(make_tls_client(options).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace longwire::net
