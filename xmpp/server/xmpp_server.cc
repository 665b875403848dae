#include "xmpp/server/xmpp_server.h"

#include <atomic>
#include <future>
#include <utility>

#include "xmpp/protocol/precis.h"
#include "xmpp/server/loop_front.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kSecretBytes = 32;

Result<std::shared_ptr<net::TlsContext>> make_context(const net::CertificatePem& certificate) {
  auto made = net::make_tls_server({.certificate_pem = certificate.certificate,
                                    .private_key_pem = certificate.private_key,
                                    .alpn = {"xmpp-client"},
                                    .alpn_required = true});
  if (!made.ok()) return made.error();
  return std::shared_ptr<net::TlsContext>(std::move(*made));
}

class XmppServerImpl final : public XmppServer {
 public:
  XmppServerImpl(const XmppConfig& config, XmppServerParts parts, Environment environment)
      : config_(config),
        parts_(std::move(parts)),
        environment_(environment),
        addresses_(config, environment.clock) {}
  ~XmppServerImpl() override { CHECK(running_ == 0); }

  Result<XmppAddresses> start() override;
  Status set_certificate(const net::CertificatePem& certificate) override;
  void drain(const XmppDrain& how, Callback<void> done) override;
  void stop(Callback<void> done) override;

 private:
  struct Listeners {
    std::unique_ptr<net::Listener> plain;
    std::unique_ptr<net::Listener> secured;
  };
  Result<std::vector<Listeners>> listen();
  Result<std::vector<Listeners>> adopt();
  static void run_on(net::Loop& loop, std::function<void()> task);

  const XmppConfig config_;
  XmppServerParts parts_;
  const Environment environment_;
  AddressLimits addresses_;
  SharedTls tls_;
  LoopDoors doors_;  // fixed from start on
  Callback<void> drained_;
  Callback<void> stopped_;
  std::atomic<std::size_t> running_{0};
  std::atomic<std::size_t> draining_{0};
};

void XmppServerImpl::run_on(net::Loop& loop, std::function<void()> task) {
  std::promise<void> done;
  loop.post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

// Every loop listens on the same two ports; the first one's choice holds for all.
Result<std::vector<XmppServerImpl::Listeners>> XmppServerImpl::listen() {
  auto plain = net::parse_address(config_.listen);
  if (!plain.ok()) return plain.error();
  auto secured = net::parse_address(config_.listen_tls);
  if (!secured.ok()) return secured.error();
  std::vector<Listeners> all;
  for (net::Loop& loop : parts_.loops) {
    auto first = net::Listener::open(loop, *plain);
    if (!first.ok()) return first.error();
    auto second = net::Listener::open(loop, *secured);
    if (!second.ok()) return second.error();
    plain->port = (*first)->address().port;
    secured->port = (*second)->address().port;
    all.push_back({std::move(*first), std::move(*second)});
  }
  return all;
}

Result<std::vector<XmppServerImpl::Listeners>> XmppServerImpl::adopt() {
  CHECK(parts_.sockets.size() == parts_.loops.size());
  std::vector<Listeners> all;
  for (std::size_t i = 0; i < parts_.loops.size(); ++i) {
    auto plain = net::Listener::adopt(parts_.loops[i], std::move(parts_.sockets[i].plain));
    if (!plain.ok()) return plain.error();
    auto secured = net::Listener::adopt(parts_.loops[i], std::move(parts_.sockets[i].secured));
    if (!secured.ok()) return secured.error();
    all.push_back({std::move(*plain), std::move(*secured)});
  }
  return all;
}

Result<XmppAddresses> XmppServerImpl::start() {
  CHECK(doors_.empty());
  TRY(set_certificate(parts_.certificate));
  auto listeners = parts_.sockets.empty() ? listen() : adopt();
  if (!listeners.ok()) return listeners.error();
  const XmppAddresses bound{listeners->front().plain->address(),
                            listeners->front().secured->address()};
  const auto proxies = net::Networks::parse(config_.proxy_networks);
  if (!proxies.ok()) return proxies.error();
  const Bytes secret = environment_.random.bytes(kSecretBytes);
  for (net::Loop& loop : parts_.loops)
    doors_.push_back(std::make_shared<LoopDoor>(LoopDoor{loop, nullptr}));
  running_ = doors_.size();
  for (std::size_t i = 0; i < doors_.size(); ++i) {
    net::Loop& loop = parts_.loops[i];
    run_on(loop, [&] {
      doors_[i]->front = std::make_unique<LoopFront>(
          LoopFront::Parts{.config = config_,
                           .loop = loop,
                           .middle = parts_.middle,
                           .environment = {loop, environment_.clock, environment_.random,
                                           environment_.log, environment_.metrics},
                           .fill_channels = parts_.channels,
                           .proxies = *proxies,
                           .addresses = addresses_,
                           .keys = parts_.keys,
                           .tls = tls_,
                           .all = doors_,
                           .index = static_cast<std::uint32_t>(i),
                           .unknown_secret = secret});
    });
  }
  // Only now: a client may ask one loop for a session of another.
  for (std::size_t i = 0; i < doors_.size(); ++i) {
    Listeners& mine = (*listeners)[i];
    run_on(parts_.loops[i],
           [&] { doors_[i]->front->start(std::move(mine.plain), std::move(mine.secured)); });
  }
  return bound;
}

Status XmppServerImpl::set_certificate(const net::CertificatePem& certificate) {
  auto context = make_context(certificate);
  if (!context.ok()) return context.error();
  *tls_.context.lock() = std::move(*context);
  return {};
}

void XmppServerImpl::drain(const XmppDrain& how, Callback<void> done) {
  CHECK(!drained_);
  drained_ = std::move(done);
  draining_ = doors_.size();
  for (const auto& door : doors_) {
    post_to(door, [this, how](LoopFront& front) {
      front.drain(how, [this] {
        if (--draining_ == 0) std::exchange(drained_, nullptr)({});
      });
    });
  }
}

void XmppServerImpl::stop(Callback<void> done) {
  if (running_ == 0) {
    parts_.loops.front().get().post([done = std::move(done)]() mutable { done({}); });
    return;
  }
  stopped_ = std::move(done);
  for (const auto& door : doors_) {
    post_to(door, [this, door](LoopFront& front) {
      front.stop([this, door] {
        door->front.reset();
        if (--running_ == 0) std::exchange(stopped_, nullptr)({});
      });
    });
  }
}

}  // namespace

Result<std::unique_ptr<XmppServer>> make_xmpp_server(const XmppConfig& config,
                                                     XmppServerParts parts,
                                                     Environment environment) {
  if (!prepare_domain(config.domain))
    return Error{ErrorCode::kInvalidArgument, "xmpp.domain: not a domain name"};
  CHECK(!parts.loops.empty());
  return std::unique_ptr<XmppServer>(
      std::make_unique<XmppServerImpl>(config, std::move(parts), environment));
}

}  // namespace longwire::xmpp
