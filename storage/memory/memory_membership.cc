#include "storage/memory/memory_membership.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/guarded.h"

namespace longwire::storage {
namespace {

Error cut_off_error() { return {ErrorCode::kUnavailable, "the members cannot be asked"}; }

// One membership, as the others and its tasks see it.
struct Participant {
  explicit Participant(Executor& runs) : executor(runs) {}

  Executor& executor;
  middle::Membership::Changed changed;  // called on the executor alone
  std::optional<middle::Member> self;
  bool wanted = false;  // to be a member
  bool joined_once = false;
  bool has_ended = false;
  std::optional<middle::Members> told;
};

}  // namespace

struct InMemoryMembers::State {
  // Shared: with tasks on the way to it, and its seat, which may both be there after its end.
  using Shared = std::shared_ptr<Participant>;
  struct Seat {
    middle::Member member;
    Shared holder;
  };
  struct Data {
    std::map<std::string, Seat> seats;  // by address
    std::vector<Shared> participants;
    std::set<std::string> cut_off;  // addresses
    bool all_cut_off = false;

    bool can_ask(const Participant& who) const {
      return !all_cut_off && !(who.self && cut_off.contains(who.self->address));
    }
    middle::Members members() const {
      middle::Members list;
      for (const auto& [address, seat] : seats) list.push_back(seat.member);
      return list;
    }
    bool holds_seat(const Shared& who) const {
      const auto seat = who->self ? seats.find(who->self->address) : seats.end();
      return seat != seats.end() && seat->second.holder == who;
    }
  };

  // Of what follows: with the lock held.
  void take_seat(Data& data, const Shared& who) {
    who->joined_once = true;
    data.seats.insert_or_assign(who->self->address, Seat{*who->self, who});
    tell_all(data);
  }
  void give_up_seat(Data& data, const Shared& who) {
    if (!data.can_ask(*who) || !data.holds_seat(who)) return;
    data.seats.erase(who->self->address);
    tell_all(data);
  }
  void tell_all(Data& data) {
    for (const Shared& each : data.participants) post_list(each, data.members());
  }
  // Does what it could not do, and hears what it has missed.
  void catch_up(Data& data, const Shared& who) {
    if (!data.can_ask(*who)) return;
    if (who->wanted && !who->joined_once) return take_seat(data, who);
    if (!who->wanted && data.holds_seat(who)) return give_up_seat(data, who);
    post_list(who, data.members());
  }

  void post_list(const Shared& who, middle::Members members) {
    who->executor.post(
        [this, who, members = std::move(members)]() mutable { deliver(who, std::move(members)); });
  }
  // Without the lock: on the participant's executor. The state is there as long as it has not
  // ended.
  void deliver(const Shared& who, middle::Members members) {
    if (who->has_ended) return;
    {
      const auto locked = all.lock();
      if (!locked->can_ask(*who) || who->told == members) return;
      who->told = members;
    }
    who->changed(std::move(members));
    if (who->has_ended) return;
    const auto locked = all.lock();
    const bool is_free = who->self && !locked->seats.contains(who->self->address);
    if (locked->can_ask(*who) && who->wanted && who->joined_once && is_free) {
      take_seat(*locked, who);
    }
  }

  template <typename Change>
  void change_ways(Change change) {
    const auto locked = all.lock();
    change(*locked);
    for (const Shared& each : locked->participants) catch_up(*locked, each);
  }

  Guarded<Data> all;
};

InMemoryMembers::InMemoryMembers() : state_(std::make_unique<State>()) {}
InMemoryMembers::~InMemoryMembers() = default;

void InMemoryMembers::expire(const std::string& address) {
  const auto data = state_->all.lock();
  if (data->seats.erase(address) > 0) state_->tell_all(*data);
}
void InMemoryMembers::cut_off(const std::string& address) {
  state_->change_ways([&](State::Data& data) { data.cut_off.insert(address); });
}
void InMemoryMembers::reconnect(const std::string& address) {
  state_->change_ways([&](State::Data& data) { data.cut_off.erase(address); });
}
void InMemoryMembers::cut_off_all() {
  state_->change_ways([](State::Data& data) { data.all_cut_off = true; });
}
void InMemoryMembers::reconnect_all() {
  state_->change_ways([](State::Data& data) { data.all_cut_off = false; });
}

// Thread-safe but for its end.
class MemoryMembership final : public middle::Membership {
 public:
  MemoryMembership(Executor& executor, std::shared_ptr<InMemoryMembers> members)
      : members_(std::move(members)), own_(std::make_shared<Participant>(executor)) {}

  ~MemoryMembership() override {
    const auto data = state().all.lock();
    own_->has_ended = true;
    std::erase(data->participants, own_);
    state().give_up_seat(*data, own_);
  }

  void start(std::unique_ptr<middle::Member> self, Changed changed, Callback<void> done) override {
    const auto data = state().all.lock();
    own_->changed = std::move(changed);
    own_->wanted = self != nullptr;
    if (self != nullptr) own_->self = std::move(*self);
    data->participants.push_back(own_);
    answer(std::move(done), *data);
    state().catch_up(*data, own_);
  }

  void leave(Callback<void> done) override {
    const auto data = state().all.lock();
    own_->wanted = false;
    answer(std::move(done), *data);
    state().give_up_seat(*data, own_);
  }

 private:
  using State = InMemoryMembers::State;
  State& state() { return *members_->state_; }

  void answer(Callback<void> done, const State::Data& data) {
    Status status = data.can_ask(*own_) ? Status() : Status(cut_off_error());
    own_->executor.post([own = own_, done = std::move(done), status = std::move(status)]() mutable {
      if (!own->has_ended) done(std::move(status));
    });
  }

  const std::shared_ptr<InMemoryMembers> members_;
  const std::shared_ptr<Participant> own_;
};

std::unique_ptr<middle::Membership> make_memory_membership(
    Executor& executor, std::shared_ptr<InMemoryMembers> members) {
  return std::make_unique<MemoryMembership>(executor, std::move(members));
}

}  // namespace longwire::storage
