#include "tests/unit/base_net/connection_fixture.h"
#include "tests/unit/base_net/tls_fixture.h"

namespace longwire::net {
namespace {

// The peer's blocking socket with a TLS session over it.
class TlsConnectionTest : public ConnectionTest {
 protected:
  static std::unique_ptr<TlsSession> server_session() {
    return make_tls_server(server_options()).value()->new_session();
  }

  void shake_hands() {
    Bytes wire;
    EXPECT_TRUE(tls_->start(wire).ok());
    while (!tls_->handshake_done() && step(wire)) {
    }
    peer_sends(wire);
  }

  // Sends `wire`, takes what comes; false at the end of the stream.
  bool step(Bytes& wire) {
    if (!wire.empty()) peer_sends(std::exchange(wire, {}));
    const auto some = peer_receives_some();
    return some && !some->empty() && tls_->receive(*some, plaintext_, wire).ok();
  }

  void peer_says(BytesView text) {
    Bytes wire;
    EXPECT_TRUE(tls_->send(text, wire).ok());
    peer_sends(wire);
  }

  Bytes peer_hears(std::size_t size) {
    Bytes wire;
    while (plaintext_.size() < size && step(wire)) {
    }
    return plaintext_;
  }

  std::unique_ptr<TlsSession> tls_ = make_tls_client(client_options()).value()->new_session();
  Bytes plaintext_;
};

TEST_F(TlsConnectionTest, carries_bytes_both_ways) {
  server_.react = [](Connection& connection, BytesView data) { connection.write(data); };
  connect({}, server_session());
  shake_hands();
  peer_says("hello");
  EXPECT_EQ(peer_hears(5), "hello");
  EXPECT_TRUE(server_.seen().established);
}

TEST_F(TlsConnectionTest, keeps_what_is_written_before_the_handshake) {
  connect({}, server_session());
  write("early");
  shake_hands();
  EXPECT_EQ(peer_hears(5), "early");
}

TEST_F(TlsConnectionTest, seals_what_one_turn_gathered_into_one_record) {
  connect({}, server_session());
  shake_hands();
  server_.wait([](const auto& seen) { return seen.established; });
  in_loop([this] {
    for (int i = 0; i < 100; ++i) connection_->write("x");
  });
  const Bytes record = *peer_receives_some();
  // Type, version, length, then the text, its type and the tag.
  EXPECT_EQ(record.size(), 5u + 100 + 1 + 16);
}

TEST_F(TlsConnectionTest, carries_more_than_the_socket_takes) {
  constexpr std::size_t kMuch = 16 * 1024 * 1024;
  connect({.write_limit = 2 * kMuch}, server_session());
  shake_hands();
  write(Bytes(kMuch, 'x'));
  EXPECT_TRUE(peer_hears(kMuch) == Bytes(kMuch, 'x'));
}

TEST_F(TlsConnectionTest, drops_what_was_sent_together_with_starttls) {
  server_.react = [](Connection& connection, BytesView) {
    if (connection.tls() != nullptr) return;
    connection.write("proceed");
    connection.start_tls(server_session());
  };
  connect();
  peer_sends("starttls;injected");
  EXPECT_EQ(peer_receives(7), "proceed");
  shake_hands();
  peer_says("secret");
  EXPECT_EQ(server_.wait_data(17 + 6), "starttls;injectedsecret");
  // The injected bytes came once, as plain data of before, and never again as part of the stream.
  EXPECT_EQ(server_.seen().data.size(), 17u + 6);
}

TEST_F(TlsConnectionTest, sends_an_alert_and_closes_at_garbage) {
  connect({}, server_session());
  peer_sends(BytesView("\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9));  // no ClientHello
  EXPECT_EQ(server_.wait_closed(), CloseReason::kTls);
  EXPECT_EQ(peer_receives(1).substr(0, 1), "\x15");
}

TEST_F(TlsConnectionTest, ends_with_a_close_notify) {
  connect({}, server_session());
  shake_hands();
  server_.wait([](const auto& seen) { return seen.established; });
  in_loop([this] {
    connection_->write("last");
    connection_->close_after_flush();
  });
  EXPECT_EQ(peer_hears(1000), "last");
  EXPECT_TRUE(tls_->peer_closed());
  peer_.reset();
  EXPECT_EQ(server_.wait_closed(), CloseReason::kLocal);
}

TEST_F(TlsConnectionTest, takes_a_close_notify_as_the_end) {
  connect({}, server_session());
  shake_hands();
  Bytes wire;
  EXPECT_TRUE(tls_->send("last", wire).ok());
  tls_->close_notify(wire);
  peer_sends(wire);
  EXPECT_EQ(server_.wait_closed(), CloseReason::kPeer);
  EXPECT_EQ(server_.seen().data, "last");
}

TEST_F(TlsConnectionTest, closes_before_the_handshake_without_waiting_for_it) {
  connect({}, server_session());
  in_loop([this] { connection_->close_after_flush(); });
  EXPECT_EQ(peer_receives_all(), "");
}

}  // namespace
}  // namespace longwire::net
