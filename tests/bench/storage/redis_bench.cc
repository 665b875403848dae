// SET of 128 bytes through the router against hiredis alone, on the same kind of loop.
//
//   redis_bench <ip:port> [seconds per line]
//
// Each command brings the next, so that as many are always in flight. The two take turns, and the
// best of three counts: what another process takes from one run it does not take from all.
//
// Mark: the router makes at least 0.8 of what hiredis alone makes.

#include <hiredis/async.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>

#include "base/check.h"
#include "base/net/address.h"
#include "base/net/loop_thread.h"
#include "storage/redis/router.h"

namespace longwire::bench {
namespace {

using storage::redis::Reply;
using storage::redis::Router;

constexpr int kKeys = 10'000;
constexpr int kRounds = 3;

struct Plan {
  net::Address server;
  int in_flight = 0;
  std::chrono::seconds time{0};
};

std::string key_of(int number) { return "bench:" + std::to_string(number % kKeys); }
const std::string& value() {
  static const std::string text(128, 'v');
  return text;
}

// Runs itself until stopped. Bound to its loop but for `count`.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual void begin(int in_flight) = 0;
  void stop() { stopping_ = true; }
  std::int64_t count() const { return count_; }

 protected:
  bool take_answer() {
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return !stopping_;
  }
  bool is_stopping() const { return stopping_; }
  int next_number() { return number_++; }

 private:
  std::atomic<std::int64_t> count_ = 0;
  int number_ = 0;
  bool stopping_ = false;
};

class RouterStream final : public Stream {
 public:
  explicit RouterStream(Router& router) : router_(router) {}
  void begin(int in_flight) override {
    for (int i = 0; i < in_flight; ++i) send();
  }

 private:
  void send() {
    router_.send({.words = {"SET", key_of(next_number()), value()}, .key = 1},
                 [this](Result<Reply> reply) {
                   CHECK(reply.ok() || is_stopping());
                   if (take_answer()) send();
                 });
  }
  Router& router_;
};

// The library as its examples use it.
class PlainStream final : public Stream, private net::Watcher {
 public:
  PlainStream(net::Loop& loop, const net::Address& server) : loop_(loop) {
    context_ = redisAsyncConnect(server.ip.c_str(), server.port);
    CHECK(context_ != nullptr);
    CHECK(context_->err == 0);
    descriptor_ = context_->c.fd;
    context_->data = this;
    context_->ev.data = this;
    context_->ev.addWrite = [](void* self) { of(self).change(net::Interest::kReadWrite); };
    context_->ev.delWrite = [](void* self) { of(self).change(net::Interest::kRead); };
    context_->ev.cleanup = [](void* self) { of(self).loop_.unwatch(of(self).descriptor_); };
    loop_.watch(descriptor_, interest_, *this);
  }
  ~PlainStream() override { redisAsyncFree(context_); }
  void begin(int in_flight) override {
    for (int i = 0; i < in_flight; ++i) send();
  }

 private:
  static PlainStream& of(void* self) { return *static_cast<PlainStream*>(self); }
  void on_readable() override { redisAsyncHandleRead(context_); }
  void on_writable() override { redisAsyncHandleWrite(context_); }
  void change(net::Interest interest) {
    if (std::exchange(interest_, interest) != interest) loop_.change(descriptor_, interest, *this);
  }
  static void on_reply(redisAsyncContext* context, void* reply, void* data) {
    (void)data;
    if (reply == nullptr) return;  // the end
    CHECK(static_cast<redisReply*>(reply)->type == REDIS_REPLY_STATUS);
    PlainStream& self = of(context->data);
    if (self.take_answer()) self.send();
  }
  void send() {
    const std::string key = key_of(next_number());
    const std::array<const char*, 3> texts = {"SET", key.data(), value().data()};
    const std::array<std::size_t, 3> sizes = {3, key.size(), value().size()};
    // The library takes what it does not change as what it might.
    auto words = texts;
    CHECK(redisAsyncCommandArgv(context_, &on_reply, nullptr, 3, words.data(), sizes.data()) ==
          REDIS_OK);
  }

  net::Loop& loop_;
  redisAsyncContext* context_ = nullptr;
  int descriptor_ = -1;
  net::Interest interest_ = net::Interest::kReadWrite;
};

struct Figures {
  double rate = 0;          // answers a second
  double microseconds = 0;  // of the loop's processor time, an answer
};

std::int64_t processor_ns(net::LoopThread& thread) {
  timespec spent{};
  thread.call([&spent] { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent); });
  return spent.tv_sec * 1'000'000'000 + spent.tv_nsec;
}

Figures measure(net::LoopThread& thread, Stream& stream, const Plan& plan) {
  thread.call([&] { stream.begin(plan.in_flight); });
  std::this_thread::sleep_for(plan.time / 5);  // connected, and everything at its size
  const auto begun = system_clock().monotonic();
  const auto spent = processor_ns(thread);
  const auto before = stream.count();
  std::this_thread::sleep_for(plan.time);
  const auto answers = static_cast<double>(stream.count() - before);
  const auto worked = static_cast<double>(processor_ns(thread) - spent);
  const std::chrono::duration<double> taken = system_clock().monotonic() - begun;
  thread.call([&] { stream.stop(); });
  return {answers / taken.count(), worked / 1000 / answers};
}

Figures through_router(const Plan& plan) {
  net::LoopThread thread("bench");
  Metrics metrics;
  const Environment environment{thread.loop(), system_clock(), system_random(), null_log(),
                                metrics};
  storage::redis::Options options;
  options.nodes = {plan.server.to_string()};
  auto router = make_router(options, thread.loop(), environment);
  CHECK(router.ok());
  RouterStream stream(**router);
  const Figures figures = measure(thread, stream, plan);
  thread.call([&] { router->reset(); });
  thread.call([] {});  // what it still owed is answered
  return figures;
}

Figures through_hiredis(const Plan& plan) {
  net::LoopThread thread("bench");
  std::unique_ptr<PlainStream> stream;
  thread.call([&] { stream = std::make_unique<PlainStream>(thread.loop(), plan.server); });
  const Figures figures = measure(thread, *stream, plan);
  thread.call([&] { stream.reset(); });
  return figures;
}

void print_line(Plan plan, int in_flight) {
  plan.in_flight = in_flight;
  Figures router;
  Figures hiredis;
  const auto is_slower = [](const Figures& a, const Figures& b) { return a.rate < b.rate; };
  for (int round = 0; round < kRounds; ++round) {
    hiredis = std::max(hiredis, through_hiredis(plan), is_slower);
    router = std::max(router, through_router(plan), is_slower);
  }
  std::printf("%9d %12.0f %9.2f %12.0f %9.2f %8.2f\n", in_flight, router.rate, router.microseconds,
              hiredis.rate, hiredis.microseconds, router.rate / hiredis.rate);
}

}  // namespace
}  // namespace longwire::bench

int main(int argc, char** argv) {
  const auto server = longwire::net::parse_address(argc > 1 ? argv[1] : "");
  if (!server.ok()) {
    std::fprintf(stderr, "usage: redis_bench <ip:port> [seconds per line]\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  const std::chrono::seconds time(argc > 2 ? std::atoi(argv[2]) : 3);
  std::printf("%9s %12s %9s %12s %9s %8s\n", "in flight", "router/s", "us", "hiredis/s", "us",
              "ratio");
  for (const int in_flight : {1, 16, 128, 1024}) {
    longwire::bench::print_line({.server = *server, .in_flight = 0, .time = time}, in_flight);
  }
  return 0;
}
