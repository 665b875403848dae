#include "tests/contract/membership_back_ends.h"

#include <utility>

#include "storage/memory/memory_membership.h"
#include "tests/contract/zookeeper_back_end.h"
#include "tests/support/manual_executor.h"

namespace longwire::test {
namespace {

using middle::Member;
using middle::Membership;

class StaticBackEnd final : public MembershipBackEnd {
 public:
  std::unique_ptr<Membership> make() override {
    return storage::make_static_membership(executor_, {"10.0.0.2:1", "10.0.0.1:1", "10.0.0.2:1"});
  }
  std::unique_ptr<MemberProcess> start_process(const Member& /*self*/) override { return nullptr; }
  void pump() override { executor_.run_until_idle(); }

 private:
  ManualClock clock_;
  ManualExecutor executor_{clock_};
};

// A process is played by a membership of its own: halted is cut off, killed is never heard again.
class PlayedProcess final : public MemberProcess {
 public:
  PlayedProcess(Executor& executor, std::shared_ptr<storage::InMemoryMembers> members,
                const Member& self)
      : members_(std::move(members)),
        address_(self.address),
        membership_(storage::make_memory_membership(executor, members_)) {
    membership_->start(
        std::make_unique<Member>(self), [this](const auto& list) { told_.add(list); },
        [](const Status&) {});
  }
  Told& told() override { return told_; }
  void kill() override {
    halt();
    membership_.reset();
    go_on();
  }
  void halt() override { members_->cut_off(address_); }
  void go_on() override { members_->reconnect(address_); }

 private:
  const std::shared_ptr<storage::InMemoryMembers> members_;
  const std::string address_;
  Told told_;
  std::unique_ptr<Membership> membership_;
};

class MemoryBackEnd final : public MembershipBackEnd {
 public:
  std::unique_ptr<Membership> make() override {
    return storage::make_memory_membership(executor_, members_);
  }
  std::unique_ptr<MemberProcess> start_process(const Member& self) override {
    return std::make_unique<PlayedProcess>(executor_, members_, self);
  }
  void cut_off() override { members_->cut_off(kBehindGate); }
  void reconnect() override { members_->reconnect(kBehindGate); }
  void stop_servers() override { members_->cut_off_all(); }
  void start_servers() override { members_->reconnect_all(); }
  void end_lease(const std::string& address) override { members_->expire(address); }
  void pump() override { executor_.run_until_idle(); }

 private:
  ManualClock clock_;
  ManualExecutor executor_{clock_};
  // Shared: as the factory wants it.
  const std::shared_ptr<storage::InMemoryMembers> members_ =
      std::make_shared<storage::InMemoryMembers>();
};

template <typename T>
MembershipKind kind(std::string name) {
  return {std::move(name), [] { return std::make_unique<T>(); }};
}

}  // namespace

void Told::add(const middle::Members& members) {
  std::string list;
  for (const Member& each : members)
    list += (list.empty() ? "" : " ") + each.address + "/" + each.life;
  add(std::move(list));
}

std::vector<MembershipKind> membership_back_ends_with_leases() {
  std::vector<MembershipKind> kinds = {kind<MemoryBackEnd>("memory")};
  if (zookeeper_servers()) kinds.push_back({"zookeeper", [] { return make_zookeeper_back_end(); }});
  return kinds;
}

std::vector<MembershipKind> membership_back_ends() {
  auto kinds = membership_back_ends_with_leases();
  kinds.push_back(kind<StaticBackEnd>("static"));
  return kinds;
}

}  // namespace longwire::test
