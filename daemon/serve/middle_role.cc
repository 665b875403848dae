#include "daemon/serve/middle_role.h"

#include <filesystem>
#include <utility>

#include "base/encoding.h"
#include "daemon/serve/wait.h"
#include "daemon/tier/tier_client.h"
#include "daemon/version.h"
#include "middle/cluster/clustered_middle.h"
#include "storage/memory/memory_membership.h"
#include "storage/zookeeper/zookeeper_membership.h"

namespace longwire::daemon {
namespace {
constexpr std::size_t kNameBytes = 6;
}

Environment MiddleRole::environment(net::LoopThread& thread) const {
  const ServerWorld& world = parts_.world;
  return {thread.loop(), world.clock, world.random, world.log, world.metrics};
}

std::string MiddleRole::random_name() const {
  return hex_encode(parts_.world.random.bytes(kNameBytes));
}

Status MiddleRole::start() {
  auto tls = load_tier_tls(parts_.settings.tier.tls);
  if (!tls.ok()) return tls.error();
  take_tls(std::move(*tls));
  TRY(parts_.settings.tier.has("middle") ? start_node() : reach_nodes());
  return wait_for<void>([&](Callback<void> done) { middle_->start(std::move(done)); });
}

Status MiddleRole::reach_nodes() {
  middle_ = make_remote_middle({.seeds = parts_.settings.tier.middle,
                                .dialers = dialers_,
                                .process = random_name(),
                                .environment = environment(tier_thread_)},
                               tier_thread_.loop());
  return {};
}

// Its port is known before it is one of the members, and answers that it is starting until it has.
Status MiddleRole::start_node() {
  auto opened = open_back_ends(parts_.settings.storage, parts_.paths, environment(middle_thread_));
  if (!opened.ok()) return opened.error();
  back_ends_ = std::move(*opened);
  TRY(open_tier());
  make_node();
  if (tier_listener_) tier_server_ = serve_tier(std::move(tier_listener_), &tls_);
  return start_workers_tier();
}

Status MiddleRole::open_tier() {
  const TierConfig& tier = parts_.settings.tier;
  if (tier.listen.empty()) return {};
  const auto address = net::parse_address(tier.listen);
  if (!address.ok()) return address.error();
  auto listener = net::Listener::open(tier_thread_.loop(), *address);
  if (!listener.ok()) return listener.error();
  tier_listener_ = std::move(*listener);
  tier_port_ = tier_listener_->address().port;
  tier_address_ = tier.advertise.empty() ? tier_listener_->address().to_string() : tier.advertise;
  return {};
}

void MiddleRole::make_node() {
  const Settings& settings = parts_.settings;
  const Environment at_middle = environment(middle_thread_);
  std::unique_ptr<middle::MiddleTier> made;
  if (settings.clustered()) {
    membership_ = make_membership();
    middle::MiddleConfig config = settings.middle;
    if (settings.tier.members.empty()) config.lease = settings.zookeeper.session_timeout;
    made = middle::cluster::make_clustered_middle(
        config, at_middle, back_ends_->partitions(), back_ends_->directory(), parts_.keys,
        {.membership = *membership_,
         .self = self(),
         .dialer = [this](Executor& loop) -> middle::cluster::Dialer& {
           return dialers_.of(loop);
         }});
  } else {
    made = middle::make_middle(settings.middle, at_middle, back_ends_->partitions(),
                               back_ends_->directory(), parts_.keys);
  }
  node_ = made.get();
  middle_ = std::move(made);
}

std::unique_ptr<middle::Membership> MiddleRole::make_membership() {
  const Settings& settings = parts_.settings;
  if (!settings.tier.members.empty())
    return storage::make_static_membership(middle_thread_.loop(), settings.tier.members);
  return storage::zookeeper::make_membership(settings.zookeeper, parts_.world.clock,
                                             parts_.world.log);
}

middle::Member MiddleRole::self() const {
  return {.address = tier_address_, .life = random_name(), .version = kVersion};
}

// Workers of this process come to it; only this user's processes can, and so it is plain.
Status MiddleRole::start_workers_tier() {
  if (parts_.settings.workers.count == 0) return {};
  const auto path = std::filesystem::absolute(parts_.paths.workers_socket());
  auto socket = net::listen_unix(path.string());
  if (!socket.ok()) return socket.error();
  auto listener = net::Listener::adopt(tier_thread_.loop(), std::move(*socket));
  if (!listener.ok()) return listener.error();
  workers_tier_ = serve_tier(std::move(*listener), nullptr);
  return {};
}

std::unique_ptr<TierServer> MiddleRole::serve_tier(std::unique_ptr<net::Listener> listener,
                                                   TierTls* tls) {
  std::unique_ptr<TierServer> server;
  tier_thread_.call([&] {
    server = std::make_unique<TierServer>(TierParts{
        tier_thread_.loop(), environment(tier_thread_), {*node_, partitions(), reports_}, tls});
    server->start(std::move(listener));
  });
  return server;
}

std::uint16_t MiddleRole::partitions() const {
  return back_ends_ ? back_ends_->partitions().info().partitions : std::uint16_t{0};
}

std::unique_ptr<middle::cluster::ReportLink> MiddleRole::report_link(net::LoopThread& thread) {
  const Settings& settings = parts_.settings;
  if (settings.tier.has("middle") && !settings.clustered()) return nullptr;
  // One of several nodes reaches itself as the others do: it tells of them.
  std::vector<std::string> seeds = settings.tier.middle;
  if (settings.clustered()) seeds = {tier_address_};
  return middle::cluster::make_report_link(environment(thread),
                                           middle::NodeId(random_name() + "/report"),
                                           std::move(seeds), dialers_.of(thread.loop()));
}

void MiddleRole::stop_tier() {
  tier_thread_.call([this] {
    tier_server_.reset();
    workers_tier_.reset();
  });
}

void MiddleRole::stop() {
  if (!parts_.settings.clustered()) stop_tier();
  if (middle_) {
    (void)wait_on<void>(middle_thread_,
                        [&](Callback<void> done) { middle_->stop(std::move(done)); });
  }
  stop_tier();
  middle_thread_.call([this] {
    middle_.reset();
    membership_.reset();
  });
  back_ends_.reset();
}

}  // namespace longwire::daemon
