#include "xmpp/server/xmpp_server.h"

#include <gtest/gtest.h>

#include <future>

#include "channels/echo/echo_channel.h"
#include "storage/memory/memory_store.h"
#include "tests/unit/xmpp/server/test_client.h"

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
                        middle::FollowHub&) { table.add(channels::make_echo_channel()); }},
        environment(first_));
    ASSERT_TRUE(made.ok());
    server_ = std::move(*made);
    auto addresses = server_->start();
    ASSERT_TRUE(addresses.ok());
    addresses_ = *addresses;
  }
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

}  // namespace
}  // namespace longwire::xmpp
