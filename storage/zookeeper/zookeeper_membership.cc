#include "storage/zookeeper/zookeeper_membership.h"

#include <thread>
#include <utility>

#include "base/check.h"
#include "storage/zookeeper/keeper.h"
#include "storage/zookeeper/member_node.h"
#include "storage/zookeeper/signals.h"

namespace longwire::storage::zookeeper {
namespace {

// Thread-safe.
class ZooKeeperMembership final : public middle::Membership {
 public:
  ZooKeeperMembership(Options options, const Clock& clock, LogSink& log)
      : options_(std::move(options)), clock_(clock), log_(log) {}

  ~ZooKeeperMembership() override {
    if (!thread_.joinable()) return;
    CHECK(thread_.get_id() != std::this_thread::get_id());
    signals_.tell([](Signals::State& state) { state.stop = true; });
    thread_.join();
  }

  void start(std::unique_ptr<middle::Member> self, Changed changed, Callback<void> done) override {
    CHECK(!thread_.joinable());
    Orders orders{.self = std::nullopt, .changed = std::move(changed), .joined = std::move(done)};
    if (self != nullptr) orders.self = std::move(*self);
    thread_ = std::thread([this, orders = std::move(orders)]() mutable {
      Keeper(options_, clock_, log_, signals_, std::move(orders)).run();
    });
  }

  void leave(Callback<void> done) override {
    CHECK(thread_.joinable());
    signals_.tell([&](Signals::State& state) { state.leaves.push_back(std::move(done)); });
  }

 private:
  const Options options_;
  const Clock& clock_;
  LogSink& log_;
  Signals signals_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<middle::Membership> make_membership(Options options, const Clock& clock,
                                                    LogSink& log) {
  return std::make_unique<ZooKeeperMembership>(std::move(options), clock, log);
}

}  // namespace longwire::storage::zookeeper
