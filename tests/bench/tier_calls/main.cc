// tier_calls [SECONDS [IN_FLIGHT]]: small calls between two processes over one loopback connection,
// plain and in mutual TLS: how many a second with IN_FLIGHT on their way, how long one alone takes,
// and what a call costs either process. The call is archive_cursor: a name there, a number back;
// nothing is behind it, so it is the cost of the tier's calls alone. And what the machine takes for
// 64 bytes there and back without any of it.

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/net/listener.h"
#include "base/net/loop_thread.h"
#include "daemon/tier/net_dialer.h"
#include "daemon/tier/tier_socket.h"
#include "daemon/tier/tier_tls.h"
#include "middle/remote/channel.h"
#include "middle/remote/remote_service.h"
#include "tests/bench/tier_calls/bare_echo.h"

namespace longwire::bench {
namespace {

using middle::FeedNumber;
using middle::XmppAccount;
using middle::remote::Channel;
using middle::remote::IncomingMessage;
using middle::remote::MessageKind;
using middle::remote::OutgoingMessage;
using namespace std::chrono;

daemon::TierTlsOptions make_options() {
  const auto now = system_clock().now();
  const auto authority = net::make_authority("bench", now).value();
  const auto pem = net::make_signed(authority, {"longwire-tier"}, now).value();
  return {pem.certificate, pem.private_key, authority.certificate, "longwire-tier"};
}

microseconds cpu_of(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  const auto of = [](const timeval& time) {
    return seconds(time.tv_sec) + microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// The node's end: answers each call with a number. Loop-bound.
class Answering final : public daemon::TierSocketListener, public middle::remote::ChannelHandler {
 public:
  Answering(net::Loop& loop, net::Descriptor socket, net::Address peer,
            std::unique_ptr<net::TlsSession> tls)
      : loop_(loop),
        socket_(loop, std::move(socket), std::move(peer), std::move(tls), *this),
        channel_(loop, system_clock(), {}, socket_, *this) {
    socket_.lead_to(channel_);
  }
  void on_known(const std::string&) override {}
  void on_ended(const std::string&) override { loop_.stop(); }
  void on_message(IncomingMessage& message) override {
    middle::remote::CallContext context;
    const auto arguments = message.arguments<std::tuple<XmppAccount>>(context);
    CHECK(arguments.ok());
    OutgoingMessage answer({MessageKind::kReply, message.head().name, message.head().id});
    answer.field(0, FeedNumber{42});
    channel_.reply(std::move(answer));
  }

 private:
  net::Loop& loop_;
  daemon::TierSocket socket_;
  Channel channel_;
};

// The node's process: serves one connection to its end.
int serve(net::Descriptor socket, daemon::TierTls& tls) {
  net::Loop loop("node");
  auto listener = net::Listener::adopt(loop, std::move(socket)).value();
  std::unique_ptr<Answering> answering;
  listener->start([&](net::Descriptor accepted, net::Address peer) {
    answering =
        std::make_unique<Answering>(loop, std::move(accepted), std::move(peer), tls.accept());
  });
  loop.run();
  return 0;
}

// The front end's end. Loop-bound.
class Calling final : public middle::cluster::DialListener, public middle::remote::ChannelHandler {
 public:
  Calling(net::Loop& loop, daemon::Dialers& dialers, const std::string& node)
      : wire_(dialers.of(loop).dial(node, *this)),
        channel_(std::make_shared<Channel>(loop, system_clock(), middle::remote::ChannelLimits(),
                                           *wire_, *this)),
        service_(middle::remote::make_remote_service(channel_)) {}

  void on_bytes(BytesView bytes) override { CHECK(channel_->feed(bytes).ok()); }
  void on_hung_up() override { CHECK(done_ == nullptr); }
  void on_message(IncomingMessage&) override {}

  // Keeps `in_flight` calls on their way until `until`; notes how long each took if that is one.
  void run(int in_flight, steady_clock::time_point until, std::promise<void>& done) {
    until_ = until;
    notes_ = in_flight == 1;
    done_ = &done;
    for (int i = 0; i < in_flight; ++i) call();
  }

  std::uint64_t calls() const { return calls_; }
  std::vector<nanoseconds>& took() { return took_; }

 private:
  void call() {
    ++waiting_;
    const auto begun = steady_clock::now();
    service_->archive_cursor(account_, [this, begun](const Result<FeedNumber>& answered) {
      CHECK(answered.ok());
      --waiting_;
      ++calls_;
      const auto now = steady_clock::now();
      if (notes_) took_.push_back(now - begun);
      if (now < until_) return call();
      if (waiting_ == 0) std::exchange(done_, nullptr)->set_value();
    });
  }

  const XmppAccount account_{"somebody"};
  steady_clock::time_point until_;
  std::promise<void>* done_ = nullptr;
  bool notes_ = false;
  int waiting_ = 0;
  std::uint64_t calls_ = 0;
  std::vector<nanoseconds> took_;
  std::unique_ptr<middle::remote::Wire> wire_;
  std::shared_ptr<Channel> channel_;
  std::unique_ptr<middle::Service> service_;
};

struct Row {
  bool tls = false;
  int in_flight = 1;
  seconds duration{3};
};

struct Measured {
  std::uint64_t calls = 0;
  std::vector<nanoseconds> took;  // each call, where there was one at a time
  microseconds caller{0};         // processor time
  microseconds node{0};
};

void print_percentiles(std::vector<nanoseconds> took) {
  std::sort(took.begin(), took.end());
  const auto at = [&took](std::size_t percent) {
    return static_cast<double>(took[took.size() * percent / 100].count()) / 1000;
  };
  if (!took.empty()) fmt::print("  p50 {:.1f} us, p99 {:.1f} us", at(50), at(99));
  fmt::print("\n");
  std::fflush(stdout);
}

void print_row(const Row& row, Measured measured) {
  const auto calls = static_cast<double>(measured.calls);
  const auto per_call = [calls](microseconds cpu) {
    return static_cast<double>(cpu.count()) / calls;
  };
  fmt::print("{:5}  {:4} in flight  {:9.0f} calls/s  CPU a call: caller {:.2f} us, node {:.2f} us",
             row.tls ? "TLS" : "plain", row.in_flight,
             calls / static_cast<double>(row.duration.count()), per_call(measured.caller),
             per_call(measured.node));
  print_percentiles(std::move(measured.took));
}

void measure(const Row& row, const daemon::TierTlsOptions& options) {
  daemon::TierTls tls;
  if (row.tls) tls.take(daemon::TierTls::prepare(options).value());
  auto socket = net::listen_tcp({"127.0.0.1", 0}).value();
  const std::string node = net::listening_address(socket)->to_string();
  const microseconds children_before = cpu_of(RUSAGE_CHILDREN);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(serve(std::move(socket), tls));
  const microseconds before = cpu_of(RUSAGE_SELF);
  net::LoopThread thread("front");
  daemon::Dialers dialers(tls, null_log(), system_clock());
  std::unique_ptr<Calling> calling;
  std::promise<void> done;
  thread.call([&] {
    calling = std::make_unique<Calling>(thread.loop(), dialers, node);
    calling->run(row.in_flight, steady_clock::now() + row.duration, done);
  });
  done.get_future().wait();
  const microseconds own = cpu_of(RUSAGE_SELF) - before;
  Measured measured{.calls = calling->calls(), .took = std::move(calling->took()), .caller = own};
  thread.call([&] { calling.reset(); });
  ::waitpid(child, nullptr, 0);
  measured.node = cpu_of(RUSAGE_CHILDREN) - children_before;
  print_row(row, std::move(measured));
}

}  // namespace
}  // namespace longwire::bench

int main(int argc, char** argv) {
  using namespace longwire::bench;
  const auto number = [&](int place, int otherwise) {
    return argc > place ? std::atoi(argv[place]) : otherwise;
  };
  const std::chrono::seconds duration(number(1, 3));
  const auto options = make_options();
  fmt::print("bare      1 in flight");
  print_percentiles(echo_bare(duration));
  for (const bool tls : {false, true}) {
    for (const int in_flight : {number(2, 512), 1}) measure({tls, in_flight, duration}, options);
  }
  return 0;
}
