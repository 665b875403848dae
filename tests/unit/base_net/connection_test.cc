#include "base/net/connection.h"

#include "tests/unit/base_net/connection_fixture.h"

namespace longwire::net {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
// More than the buffers of both sockets together.
constexpr std::size_t kMuch = 32 * kMiB;
constexpr ConnectionLimits kWide = {.write_limit = 64 * kMiB};

TEST_F(ConnectionTest, carries_bytes_both_ways) {
  server_.react = [](Connection& connection, BytesView data) { connection.write(data); };
  connect();
  peer_sends("hello");
  EXPECT_EQ(peer_receives(5), "hello");
}

TEST_F(ConnectionTest, sends_what_one_turn_gathered_at_once) {
  connect();
  in_loop([this] {
    for (int i = 0; i < 100; ++i) connection_->write("x");
    EXPECT_EQ(connection_->unsent_bytes(), 100u);
  });
  EXPECT_EQ(peer_receives_some(), Bytes(100, 'x'));
}

TEST_F(ConnectionTest, carries_more_than_the_socket_takes) {
  connect(kWide);
  const Bytes large(kMuch, 'x');
  write(large);
  EXPECT_TRUE(peer_receives(kMuch) == large);
}

TEST_F(ConnectionTest, tells_once_when_to_stop_and_when_to_go_on) {
  connect(kWide);
  const Bytes large(kMuch, 'x');
  write(large);
  write("more");
  EXPECT_EQ(server_.seen().blocked, 1);
  EXPECT_EQ(server_.seen().resumed, 0);
  EXPECT_EQ(peer_receives(kMuch + 4).size(), kMuch + 4);
  EXPECT_EQ(server_.wait([](const auto& seen) { return seen.resumed > 0; }).resumed, 1);
}

TEST_F(ConnectionTest, does_not_call_much_in_one_turn_blocked) {
  connect();
  write(Bytes(300 * 1024, 'x'));  // above the high mark, below what the socket takes
  EXPECT_EQ(peer_receives(300 * 1024).size(), 300u * 1024);
  EXPECT_EQ(server_.seen().blocked, 0);
}

TEST_F(ConnectionTest, closes_on_a_peer_that_does_not_read) {
  connect();
  const Bytes piece(kMiB, 'x');
  for (int i = 0; i < 64; ++i) write(piece);
  EXPECT_EQ(server_.wait_closed(), CloseReason::kWriteLimit);
  in_loop([this] { EXPECT_EQ(connection_->unsent_bytes(), 0u); });
}

TEST_F(ConnectionTest, takes_a_half_close_as_the_end) {
  connect();
  peer_sends("last");
  ::shutdown(peer_.get(), SHUT_WR);
  EXPECT_EQ(server_.wait_closed(), CloseReason::kPeer);
  EXPECT_EQ(server_.seen().data, "last");
}

TEST_F(ConnectionTest, survives_a_reset) {
  connect();
  peer_resets();
  EXPECT_EQ(server_.wait_closed(), CloseReason::kPeer);
  write("into nothing");
  EXPECT_EQ(server_.seen().closed, 1);
}

TEST_F(ConnectionTest, delivers_everything_before_it_closes) {
  connect(kWide);
  const Bytes large(kMuch, 'x');
  in_loop([this] { connection_->pause_reading(); });
  // Closing a socket with unread bytes resets it, and what is under way is lost.
  peer_sends("never read by the handler");
  in_loop([this, &large] {
    connection_->write(large);
    connection_->close_after_flush();
    connection_->write("too late");
  });
  const auto received = peer_receives_all();
  ASSERT_TRUE(received.has_value());
  EXPECT_TRUE(*received == large);
  peer_.reset();
  EXPECT_EQ(server_.wait_closed(), CloseReason::kLocal);
}

TEST_F(ConnectionTest, cuts_a_peer_that_does_not_take_the_rest) {
  connect({.write_limit = 64 * kMiB, .close_timeout = std::chrono::milliseconds(1)});
  in_loop([this] {
    connection_->write(Bytes(kMuch, 'x'));
    connection_->close_after_flush();
  });
  EXPECT_EQ(server_.wait_closed(), CloseReason::kLocal);
}

TEST_F(ConnectionTest, never_tells_its_end_from_inside_a_call) {
  connect();
  in_loop([this] {
    connection_->abort(CloseReason::kTimeout);
    connection_->abort();
    EXPECT_EQ(server_.seen().closed, 0);
    EXPECT_TRUE(connection_->closing());
  });
  EXPECT_EQ(server_.wait_closed(), CloseReason::kTimeout);
  in_loop([] {});
  EXPECT_EQ(server_.seen().closed, 1);
}

TEST_F(ConnectionTest, tells_nothing_once_it_is_destroyed) {
  connect();
  in_loop([this] {
    connection_->write("x");
    connection_->abort();
    connection_.reset();
  });
  in_loop([] {});
  EXPECT_EQ(server_.seen().closed, 0);
}

TEST_F(ConnectionTest, reads_nothing_while_paused) {
  connect();
  in_loop([this] { connection_->pause_reading(); });
  peer_sends("waits");
  in_loop([] {});
  EXPECT_EQ(server_.seen().data, "");
  in_loop([this] { connection_->resume_reading(); });
  EXPECT_EQ(server_.wait_data(5), "waits");
}

TEST_F(ConnectionTest, knows_its_peer) {
  connect();
  in_loop([this] { EXPECT_EQ(connection_->peer().ip, "127.0.0.1"); });
}

}  // namespace
}  // namespace longwire::net
