#include "xmpp/server/xmpp_server.h"

#include <gtest/gtest.h>

#include <future>

#include "base/net/listener.h"
#include "channels/echo/echo_channel.h"
#include "storage/memory/memory_store.h"
#include "tests/unit/xmpp/server/test_client.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {
namespace {

using test::TestClient;

// The real middle on memory, two loops, real sockets.
class XmppServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto certificate = net::make_self_signed({"localhost"}, system_clock().now());
    ASSERT_TRUE(certificate.ok());
    certificate_ = *certificate;
    storage_ = storage::make_memory_storage({});
    store_ = storage::make_memory_store(middle_thread_.loop(), storage_);
    directory_ = storage::make_memory_directory(middle_thread_.loop());
    middle_ = middle::make_middle({}, environment(middle_thread_), *store_, *directory_,
                                  keys_thread_.loop());
    wait([&](Callback<void> done) {
      middle_thread_.loop().post(
          [this, d = std::move(done)]() mutable { middle_->start(std::move(d)); });
    });
    middle_thread_.call([this] {
      admin_ = middle_->connect(middle_thread_.loop(), middle::NodeId("test"), nullptr);
    });
    for (const char* user : {"romeo", "juliet"}) {
      wait([&](Callback<void> done) {
        middle_thread_.loop().post([this, user, d = std::move(done)]() mutable {
          admin_.service->add_user(middle::XmppAccount(user), "secret", std::move(d));
        });
      });
    }
    config_.listen = config_.listen_tls = "127.0.0.1:0";
    start();
  }
  void TearDown() override {
    stop();
    middle_thread_.call([this] { admin_ = {}; });
    wait([&](Callback<void> done) {
      middle_thread_.loop().post(
          [this, d = std::move(done)]() mutable { middle_->stop(std::move(d)); });
    });
    middle_thread_.call([this] { middle_.reset(); });
  }
  void start() {
    auto made = make_xmpp_server(
        config_,
        {.loops = {first_.loop(), second_.loop()},
         .middle = *middle_,
         .keys = keys_thread_.loop(),
         .certificate = certificate_,
         .channels = [](channels::ChannelTable& table, Environment, middle::Service&,
                        middle::FollowHub&) { table.add(channels::make_echo_channel()); },
         .sockets = std::move(inherited_)},
        environment(first_));
    ASSERT_TRUE(made.ok());
    server_ = std::move(*made);
    auto addresses = server_->start();
    ASSERT_TRUE(addresses.ok());
    addresses_ = *addresses;
  }
  std::future<void> drain(const XmppDrain& how) {
    auto done = std::make_shared<std::promise<void>>();  // shared: the callback may outlive a test
    server_->drain(how, [done](const Result<void>&) { done->set_value(); });
    for (net::LoopThread* thread : {&first_, &second_}) thread->call([] {});  // it has begun
    return done->get_future();
  }
  std::int64_t sessions() { return make_xmpp_metrics(metrics_).sessions.value(); }
  void stop() {
    if (!server_) return;
    wait([&](Callback<void> done) { server_->stop(std::move(done)); });
    server_.reset();
  }
  Environment environment(net::LoopThread& thread) {
    return {thread.loop(), system_clock(), system_random(), null_log(), metrics_};
  }
  template <typename Call>
  static void wait(Call call) {
    std::promise<void> done;
    call(Callback<void>([&](Result<void> result) {
      EXPECT_TRUE(result.ok());
      done.set_value();
    }));
    done.get_future().wait();
  }
  TestClient::Options direct_options() const {
    return {.server = addresses_.xmpps, .ca_pem = certificate_.certificate};
  }
  TestClient direct() { return TestClient(client_thread_, direct_options()); }

  net::LoopThread middle_thread_{"middle"};
  net::LoopThread keys_thread_{"keys"};
  net::LoopThread first_{"first"};
  net::LoopThread second_{"second"};
  net::LoopThread client_thread_{"client"};
  Metrics metrics_;
  net::CertificatePem certificate_;
  std::shared_ptr<storage::MemoryStorage> storage_;
  std::unique_ptr<middle::PartitionStore> store_;
  std::unique_ptr<middle::Directory> directory_;
  std::unique_ptr<middle::Middle> middle_;
  middle::MiddleLink admin_;
  XmppConfig config_;
  std::vector<XmppSockets> inherited_;
  std::unique_ptr<XmppServer> server_;
  XmppAddresses addresses_;
};

TEST_F(XmppServerTest, logs_in_over_starttls) {
  TestClient client(client_thread_,
                    {.server = addresses_.xmpp, .ca_pem = certificate_.certificate, .tls = false});
  client.start_tls();
  client.log_in("romeo", "secret");
  EXPECT_NE(client.bind("r").find("romeo@localhost/r"), std::string::npos);
}

TEST_F(XmppServerTest, logs_in_over_direct_tls_and_ends_in_order) {
  TestClient client = direct();
  client.log_in("romeo", "secret");
  client.bind("r");
  client.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
  EXPECT_NE(client.expect("<iq type='result' id='p'/>"), "");
  client.send("</stream:stream>");
  EXPECT_NE(client.expect("</stream:stream>"), "");
  EXPECT_TRUE(client.expect_closed());
}

TEST_F(XmppServerTest, another_protocol_by_alpn_is_refused) {
  TestClient client(
      client_thread_,
      {.server = addresses_.xmpps, .ca_pem = certificate_.certificate, .tls = true, .alpn = "h2"});
  EXPECT_TRUE(client.expect_closed());
}

TEST_F(XmppServerTest, chat_passes_between_loops) {
  TestClient romeo = direct();
  romeo.log_in("romeo", "secret");
  romeo.bind("r");
  // Connections are spread over both loops by the kernel: among some, both have one.
  for (int i = 0; i < 6; ++i) {
    TestClient juliet = direct();
    juliet.log_in("juliet", "secret");
    juliet.bind("j");
    juliet.send("<presence/>");
    EXPECT_NE(juliet.expect("<presence from='juliet@localhost/j'/>"), "");
    romeo.send("<message type='chat' to='juliet@localhost'><body>hello" + std::to_string(i) +
               "</body></message>");
    EXPECT_NE(juliet.expect("<body>hello" + std::to_string(i) + "</body>"), "");
    juliet.send("</stream:stream>");
    juliet.expect_closed();
  }
}

TEST_F(XmppServerTest, a_session_is_resumed_from_whichever_loop) {
  TestClient juliet = direct();
  juliet.log_in("juliet", "secret");
  juliet.bind("j");
  auto romeo = std::make_unique<TestClient>(client_thread_, direct_options());
  romeo->log_in("romeo", "secret");
  romeo->bind("r");
  romeo->send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  const std::string enabled = romeo->expect("/>");
  const std::size_t at = enabled.find(" id='") + 5;
  const std::string name = enabled.substr(at, enabled.find('\'', at) - at);
  romeo->send("<presence/>");
  romeo->expect("<presence from='romeo@localhost/r'/>");
  int received = 1;
  // The kernel chooses the loop: among some connections, both are met.
  for (int i = 0; i < 8; ++i) {
    romeo->cut();
    romeo = std::make_unique<TestClient>(client_thread_, direct_options());
    romeo->log_in("romeo", "secret");
    romeo->send("<resume xmlns='urn:xmpp:sm:3' previd='" + name + "' h='" +
                std::to_string(received) + "'/><iq type='get' id='p" + std::to_string(i) +
                "'><ping xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_NE(romeo->expect("<resumed"), "");
    EXPECT_NE(romeo->expect("<iq type='result' id='p" + std::to_string(i) + "'/>"), "");
    juliet.send("<message type='chat' to='romeo@localhost/r'><body>" + std::to_string(i) +
                "</body></message>");
    EXPECT_NE(romeo->expect("<body>" + std::to_string(i) + "</body>"), "");
    received += 2;
  }
}

TEST_F(XmppServerTest, the_same_resource_on_another_loop_ends_the_older_session) {
  auto older = std::make_unique<TestClient>(client_thread_, direct_options());
  older->log_in("romeo", "secret");
  older->bind("r");
  for (int i = 0; i < 6; ++i) {
    auto newer = std::make_unique<TestClient>(client_thread_, direct_options());
    newer->log_in("romeo", "secret");
    newer->bind("r");
    EXPECT_NE(older->expect("<conflict"), "");
    newer->send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
    EXPECT_NE(newer->expect("<iq type='result' id='p'/>"), "");
    older = std::move(newer);
  }
}

TEST_F(XmppServerTest, stopping_says_so_and_leaves_nothing_open) {
  TestClient client = direct();
  client.log_in("romeo", "secret");
  client.bind("r");
  stop();
  EXPECT_NE(client.expect("<system-shutdown"), "");
  EXPECT_TRUE(client.expect_closed());
}

TEST_F(XmppServerTest, a_new_certificate_serves_new_connections_and_keeps_the_old) {
  TestClient old = direct();
  old.log_in("romeo", "secret");
  old.bind("r");
  auto fresh = net::make_self_signed({"localhost"}, system_clock().now());
  ASSERT_TRUE(fresh.ok());
  ASSERT_TRUE(server_->set_certificate(*fresh).ok());
  certificate_ = *fresh;
  TestClient after = direct();
  after.log_in("juliet", "secret");
  EXPECT_NE(after.bind("j").find("juliet@localhost/j"), std::string::npos);
  old.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
  EXPECT_NE(old.expect("<iq type='result' id='p'/>"), "");
}

// ---- a worker that is replaced

constexpr auto kWithin = std::chrono::seconds(10);

TEST_F(XmppServerTest, connections_that_wait_in_an_inherited_socket_are_served) {
  stop();
  net::Address plain{"127.0.0.1", 0};
  net::Address secured = plain;
  for (int i = 0; i < 2; ++i) {
    XmppSockets sockets{*net::listen_tcp(plain), *net::listen_tcp(secured)};
    plain = *net::listening_address(sockets.plain);
    secured = *net::listening_address(sockets.secured);
    inherited_.push_back(std::move(sockets));
  }
  std::vector<std::unique_ptr<TestClient>> waiting;
  for (int i = 0; i < 6; ++i)
    waiting.push_back(std::make_unique<TestClient>(
        client_thread_,
        TestClient::Options{.server = secured, .ca_pem = certificate_.certificate}));
  start();
  EXPECT_EQ(addresses_.xmpps.port, secured.port);
  for (auto& client : waiting) {
    client->log_in("romeo", "secret");
    EXPECT_NE(client->bind("").find("romeo@localhost/"), std::string::npos);
  }
}

TEST_F(XmppServerTest,
       a_drain_waits_for_what_the_client_has_to_acknowledge_and_says_its_own_count) {
  TestClient romeo = direct();
  romeo.log_in("romeo", "secret");
  romeo.bind("r");
  romeo.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  romeo.expect("/>");
  romeo.send("<presence/>");
  romeo.expect("<presence from='romeo@localhost/r'/>");
  auto drained = drain({.spread = std::chrono::seconds(0), .come_back = true});
  EXPECT_NE(romeo.expect("<r xmlns='urn:xmpp:sm:3'/>"), "");
  romeo.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
  EXPECT_NE(romeo.expect("<iq type='result' id='p'/>"), "");
  romeo.send("<a xmlns='urn:xmpp:sm:3' h='2'/>");
  EXPECT_NE(romeo.expect("<a xmlns='urn:xmpp:sm:3' h='2'/><stream:error><reset"), "");
  EXPECT_TRUE(romeo.expect_closed());
  EXPECT_EQ(drained.wait_for(kWithin), std::future_status::ready);
}

TEST_F(XmppServerTest, a_drain_ends_who_says_nothing_and_who_is_not_there) {
  auto romeo = std::make_unique<TestClient>(client_thread_, direct_options());
  romeo->log_in("romeo", "secret");
  romeo->bind("r");
  romeo->send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  romeo->expect("/>");
  romeo->cut();
  TestClient juliet = direct();
  juliet.log_in("juliet", "secret");
  juliet.bind("j");
  juliet.send("<enable xmlns='urn:xmpp:sm:3'/><presence/>");
  juliet.expect("<presence from='juliet@localhost/j'/>");
  auto drained = drain({.spread = std::chrono::seconds(0)});
  EXPECT_NE(juliet.expect("<system-shutdown"), "");
  EXPECT_EQ(drained.wait_for(kWithin), std::future_status::ready);
  EXPECT_EQ(sessions(), 0);
}

TEST_F(XmppServerTest, a_drain_takes_its_time_and_a_stop_does_not_wait_for_it) {
  TestClient romeo = direct();
  romeo.log_in("romeo", "secret");
  romeo.bind("r");
  std::vector<std::unique_ptr<TestClient>> others;
  for (int i = 0; i < 6; ++i) {
    others.push_back(std::make_unique<TestClient>(client_thread_, direct_options()));
    others.back()->log_in("juliet", "secret");
    others.back()->bind("");
  }
  auto drained = drain({.spread = std::chrono::hours(1)});
  EXPECT_TRUE(direct().expect_closed());  // nobody listens
  // Of seven on two loops, one each may be told at once.
  EXPECT_GE(sessions(), 5);
  stop();
  EXPECT_NE(romeo.expect("<system-shutdown"), "");
  EXPECT_THROW(drained.get(), std::future_error);
}

}  // namespace
}  // namespace longwire::xmpp
