// A front end and a middle tier with a socket between them, in plain and in mutual TLS.

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/net/loop_thread.h"
#include "daemon/tier/net_dialer.h"
#include "daemon/tier/tier_client.h"
#include "daemon/tier/tier_server.h"
#include "storage/memory/memory_store.h"

namespace longwire::daemon {
namespace {

using namespace middle;  // the whole vocabulary is the middle's

// Counts the entries of a feed.
class Counting final : public FeedListener {
 public:
  void on_entries(SubscriptionId, const FeedId&, std::span<const EntryPtr> entries) override {
    const std::lock_guard lock(mutex_);
    count_ += entries.size();
    changed_.notify_all();
  }
  void on_feed_reset(SubscriptionId, const FeedId&, const Incarnation&) override {}
  bool reaches(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

class TierTest : public testing::TestWithParam<bool> {
 protected:
  TierTest() {
    if (GetParam()) {
      const auto now = system_clock().now();
      const auto authority = net::make_authority("test", now).value();
      const auto pem = net::make_signed(authority, {"longwire-tier"}, now).value();
      tls_.take(TierTls::prepare({.certificate_pem = pem.certificate,
                                  .private_key_pem = pem.private_key,
                                  .authority_pem = authority.certificate,
                                  .name = "longwire-tier"})
                    .value());
    }
    middle_ = make_middle({}, on(core_), *store_, *directory_, core_.loop());
    std::promise<bool> started;
    middle_->start([&](const Status& status) { started.set_value(status.ok()); });
    CHECK(started.get_future().get());
    listen({"127.0.0.1", 0});
  }
  ~TierTest() override {
    drop_link();
    server_loop_.call([this] { server_.reset(); });
    std::promise<void> stopped;
    middle_->stop([&](const Status&) { stopped.set_value(); });
    stopped.get_future().get();
    core_.call([this] { middle_.reset(); });
  }

  Environment on(net::LoopThread& thread) {
    return {thread.loop(), system_clock(), system_random(), null_log(), metrics_};
  }
  void listen(const net::Address& address) {
    auto listener = net::Listener::open(server_loop_.loop(), address).value();
    address_ = listener->address();
    server_loop_.call([&] {
      server_ = std::make_unique<TierServer>(
          TierParts{server_loop_.loop(), on(server_loop_), {*middle_, 16, reports_}, &tls_});
      server_->start(std::move(listener));
    });
  }
  Status connect() {
    remote_ = make_remote_middle({.seeds = {address_.to_string()},
                                  .dialers = dialers_,
                                  .process = "front",
                                  .environment = on(client_loop_)},
                                 client_loop_.loop());
    std::promise<Status> started;
    remote_->start([&](Status status) { started.set_value(std::move(status)); });
    const Status status = started.get_future().get();
    if (status.ok()) {
      client_loop_.call(
          [this] { link_ = remote_->connect(client_loop_.loop(), NodeId("front-1"), nullptr); });
    }
    return status;
  }
  void drop_link() {
    client_loop_.call([this] {
      link_.feeds.reset();
      link_.service.reset();
    });
  }
  template <typename Reply, typename Method, typename... Arguments>
  Result<Reply> ask(Method method, Arguments... arguments) {
    std::promise<Result<Reply>> answer;
    client_loop_.loop().post([&] {
      ((*link_.service).*method)(arguments...,
                                 [&](Result<Reply> reply) { answer.set_value(std::move(reply)); });
    });
    return answer.get_future().get();
  }

  Metrics metrics_;
  TierTls tls_;
  middle::remote::ReportBoard reports_{system_clock()};
  net::LoopThread core_{"core"};
  net::LoopThread server_loop_{"tier-server"};
  net::LoopThread client_loop_{"tier-client"};
  std::shared_ptr<storage::MemoryStorage> storage_ =
      storage::make_memory_storage({.format = kStorageFormat,
                                    .partitions = 16,
                                    .home_hash_version = 1,
                                    .incarnation = Incarnation("i1")});
  std::unique_ptr<PartitionStore> store_ = storage::make_memory_store(core_.loop(), storage_);
  std::unique_ptr<Directory> directory_ = storage::make_memory_directory(core_.loop(), storage_);
  std::unique_ptr<MiddleTier> middle_;
  net::Address address_;
  std::unique_ptr<TierServer> server_;
  Dialers dialers_{tls_, null_log(), system_clock()};
  std::unique_ptr<Middle> remote_;
  MiddleLink link_;
};

TEST_P(TierTest, Send_through_it_is_published_through_it) {
  ASSERT_TRUE(connect().ok());
  const auto made =
      ask<CreatedApp>(&Service::create_app, std::string("demo"), PackageName("org.demo"));
  ASSERT_TRUE(made.ok()) << made.error().message;
  Counting listener;
  client_loop_.call([&] { link_.feeds->subscribe(app_feed(made->app.id), 0, listener); });
  SendRequest request;
  request.app = made->app.id;
  request.target = TargetKind::kAll;
  request.body = "hello";
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(ask<SendReply>(&Service::send, request).ok());
  EXPECT_TRUE(listener.reaches(100));
  drop_link();  // before its listener
}

TEST_P(TierTest, A_server_that_is_back_is_found_again) {
  ASSERT_TRUE(connect().ok());
  server_loop_.call([this] { server_.reset(); });
  listen(address_);
  EXPECT_TRUE(ask<std::vector<App>>(&Service::list_apps).ok());
}

INSTANTIATE_TEST_SUITE_P(Wire, TierTest, testing::Values(false, true),
                         [](const auto& one) { return one.param ? "tls" : "plain"; });

}  // namespace
}  // namespace longwire::daemon
