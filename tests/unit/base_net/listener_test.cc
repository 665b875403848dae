#include "base/net/listener.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "base/net/dialer.h"

namespace longwire::net {
namespace {

TEST(Listener, tells_the_port_it_chose) {
  Loop loop("test");
  const auto listener = Listener::open(loop, {"127.0.0.1", 0});
  ASSERT_TRUE(listener.ok());
  EXPECT_NE((*listener)->address().port, 0);
}

TEST(Listener, shares_a_port_between_loops) {
  Loop loop("test");
  const auto first = Listener::open(loop, {"127.0.0.1", 0});
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(Listener::open(loop, (*first)->address()).ok());
}

TEST(Listener, accepts_with_the_options_of_a_stream) {
  Loop loop("test");
  const auto listener = Listener::open(loop, {"", 0}).value();
  const auto peer = connect_tcp({"127.0.0.1", listener->address().port}, "127.0.0.2");
  ASSERT_TRUE(peer.ok());
  listener->start([&loop](Descriptor socket, const Address& address) {
    EXPECT_EQ(address.ip, "127.0.0.2");
    int no_delay = 0;
    socklen_t size = sizeof no_delay;
    getsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
    EXPECT_EQ(no_delay, 1);
    loop.stop();
  });
  loop.run();
}

TEST(Listener, pauses_at_the_descriptor_limit_and_goes_on) {
  Loop loop("test");
  const auto listener = Listener::open(loop, {"127.0.0.1", 0}).value();
  const auto peer = connect_tcp(listener->address());
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  // The next descriptor would be above the limit.
  const Descriptor next(::dup(0));
  const rlimit tight{.rlim_cur = static_cast<rlim_t>(next.get()) + 1, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &tight);
  listener->start([&loop](const Descriptor&, const Address&) { loop.stop(); });
  std::function<void()> relax_once_paused = [&] {
    if (listener->pauses() == 0) return loop.post([&] { relax_once_paused(); });
    setrlimit(RLIMIT_NOFILE, &before);
  };
  loop.post([&] { relax_once_paused(); });
  loop.run();
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(listener->pauses(), 1u);
}

TEST(Listener, names_an_address_it_cannot_have) {
  Loop loop("test");
  EXPECT_FALSE(Listener::open(loop, {"192.0.2.1", 0}).ok());
  EXPECT_FALSE(Listener::open(loop, {"localhost", 0}).ok());
}

// As of a process that ended, for the one that takes its place.
TEST(Listener, a_connection_waits_in_a_socket_for_whoever_adopts_it) {
  auto socket = listen_tcp({"127.0.0.1", 0});
  ASSERT_TRUE(socket.ok());
  const auto address = listening_address(*socket);
  ASSERT_TRUE(address.ok());
  const auto peer = connect_tcp(*address);
  ASSERT_TRUE(peer.ok());
  {
    Loop first("first");
    const auto gone = Listener::adopt(first, Descriptor(::dup(socket->get())));
    ASSERT_TRUE(gone.ok());
  }
  Loop loop("second");
  const auto listener = Listener::adopt(loop, std::move(*socket));
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener)->address().port, address->port);
  int accepted = 0;
  (*listener)->start([&](const Descriptor&, const Address&) {
    ++accepted;
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(accepted, 1);
}

// A process that is not coming back soon leaves its port to others, and takes it up later.
TEST(Listener, a_socket_that_was_shut_down_is_passed_over_and_can_listen_again) {
  const auto chooser = listen_tcp({"127.0.0.1", 0});
  const Address address = *listening_address(*chooser);
  auto socket = listen_tcp(address);
  ASSERT_TRUE(socket.ok());
  ::shutdown(socket->get(), SHUT_RDWR);
  EXPECT_FALSE(listening_address(*socket).ok());
  Loop loop("test");
  const auto listener = Listener::adopt(loop, std::move(*socket));
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener)->address().port, address.port);
}

TEST(Listener, a_path_is_for_this_user_alone_and_taken_over_from_who_left_it) {
  const std::string path = testing::TempDir() + "longwire-listener.sock";
  ASSERT_TRUE(listen_unix(path).ok());
  auto socket = listen_unix(path);
  ASSERT_TRUE(socket.ok());
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  Loop loop("test");
  const auto listener = Listener::adopt(loop, std::move(*socket));
  ASSERT_TRUE(listener.ok());
  const auto peer = connect_tcp(*parse_peer("unix:" + path));
  ASSERT_TRUE(peer.ok());
  (*listener)->start([&loop](const Descriptor&, const Address& address) {
    EXPECT_EQ(address.to_string(), "unix:");
    loop.stop();
  });
  loop.run();
  unlink(path.c_str());
  EXPECT_FALSE(listen_unix("/" + std::string(107, 'a')).ok());
}

TEST(Listener, adopts_only_what_listens) {
  Loop loop("test");
  EXPECT_FALSE(Listener::adopt(loop, Descriptor(::dup(0))).ok());
  EXPECT_FALSE(listening_address(Descriptor()).ok());
}

}  // namespace
}  // namespace longwire::net
