#include "tests/sim/sim_device.h"

#include <utility>

namespace longwire::sim {

using middle::FeedNumber;
using middle::NameChange;
using middle::RegistrationView;
using std::chrono::milliseconds;

SimDevice::SimDevice(SimGround& ground, Journal& journal, middle::App app, int index)
    : ground_(ground), journal_(journal), app_(std::move(app)), index_(index) {}

FeedNumber SimDevice::number(const Journal::FeedKey& key) const {
  auto found = numbers_.find(key);
  return found == numbers_.end() ? 0 : found->second;
}

void SimDevice::step(SimServer* server) {
  if (server == nullptr || !server->serving()) return;
  if (!wanted_) return disconnect();
  if (id_.empty()) return create(*server);
  if (session_ == nullptr) return connect(*server);
  if (session_->opened() && !registered_ && !busy_) register_app();
}

void SimDevice::create(SimServer& server) {
  if (std::exchange(busy_, true)) return;
  server.http().create_device({app_.id, app_.key},
                              [this, life = life_](Result<middle::CreatedDevice> created) {
                                if (life != life_) return;
                                busy_ = false;
                                if (created.ok()) id_ = created->id;
                              });
}

void SimDevice::connect(SimServer& server) {
  auto& front_ends = server.front_ends();
  SimFrontEnd& front_end = *front_ends[ground_.world.random().between(0, front_ends.size() - 1)];
  if (!front_end.connected()) return;
  session_ = std::make_shared<SimSession>(ground_, front_end, *this, journal_, "app");
  ++sessions_begun_;
  front_end.add(session_);
  session_->open();
}

void SimDevice::disconnect() {
  if (session_ != nullptr) session_->close();
}

void SimDevice::on_session_gone() {
  session_.reset();
  busy_ = false;
  ack_planned_ = false;
  ++life_;
}

void SimDevice::stored(const middle::CursorMove& move) {
  if (ground_.clustered) return doubtful_.push_back(move);
  journal_.cursor_stored({move.registration, move.feed}, move.number);
}

void SimDevice::on_session_number(middle::SessionNumber number) {
  std::erase_if(doubtful_, [&](const auto& move) { return move.session + 1 != number; });
  settle_cursors();
}

void SimDevice::settle_cursors() {
  for (const middle::CursorMove& move : std::exchange(doubtful_, {}))
    journal_.cursor_stored({move.registration, move.feed}, move.number);
}

// A registration made by a call whose answer was lost shows up at the next session.
void SimDevice::on_open(const std::vector<RegistrationView>& views) {
  if (registered_ || views.empty()) return;
  registration_ = views.front().registration.id;
  Claim claim{ClaimKind::kRegistered, "", registration_, true, SimTime(0), now()};
  journal_.begin_claim(std::move(claim));
  registered_ = true;
}

void SimDevice::register_app() {
  busy_ = true;
  // An attempt that was answered "unknown" may have made the registration already.
  const SimTime begun = first_attempt_ ? *first_attempt_ : first_attempt_.emplace(now());
  middle::RegisterRequest request{id_, app_.id, app_.key, app_.packages.front(), "1.0"};
  session_->service().register_app(
      std::move(request), [this, life = life_, begun](Result<RegistrationView> view) {
        if (life != life_) return;
        busy_ = false;
        if (!view.ok()) return;
        registration_ = view->registration.id;
        registered_ = true;
        journal_.begin_claim({ClaimKind::kRegistered, "", registration_, true, begun, now()});
        session_->update(*view);
      });
}

NameChange SimDevice::change(const std::string& name) const { return {registration_, id_, name}; }

void SimDevice::finish_change(std::size_t claim, Status done) {
  busy_ = false;
  if (done.ok()) journal_.end_claim(claim, now());
}

void SimDevice::change_name() {
  if (!registered_ || !connected() || busy_) return;
  SimRandom& random = ground_.world.random();
  const bool carried = random.chance(0.7);
  const auto kind = static_cast<ClaimKind>(random.between(0, 2));
  std::string name = std::to_string(random.between(0, 2));
  if (kind == ClaimKind::kAlias)
    name = random.chance(0.7) ? "own" + std::to_string(index_) : "a" + name;
  if (kind == ClaimKind::kAccount) name = "u" + name;
  if (kind == ClaimKind::kTag) name = "t" + name;
  busy_ = true;
  const std::size_t claim = journal_.begin_claim({kind, name, registration_, carried, now(), {}});
  middle::Service& service = session_->service();
  auto done = [this, life = life_, claim](Status status) {
    if (life == life_) finish_change(claim, std::move(status));
  };
  auto tagged = [this, life = life_, claim](Result<RegistrationView> view) {
    if (life != life_) return;
    if (view.ok()) session_->update(*view);
    finish_change(claim, view.ok() ? Status() : Status(view.error()));
  };
  switch (kind) {
    case ClaimKind::kAlias:
      return carried ? service.set_alias(change(name), done)
                     : service.unset_alias(change(name), done);
    case ClaimKind::kAccount:
      return carried ? service.set_user_account(change(name), done)
                     : service.unset_user_account(change(name), done);
    case ClaimKind::kTag:
    case ClaimKind::kRegistered:
      return carried ? service.subscribe(change(name), tagged)
                     : service.unsubscribe(change(name), tagged);
  }
}

void SimDevice::on_push(const Journal::FeedKey& key, const middle::Entry& entry) {
  FeedNumber& last = numbers_[key];
  if (entry.number > last) {
    last = entry.number;
    journal_.delivered(key.first, key.second, entry);
  } else {
    journal_.fail("on the wire again: " + key.second.value() + " " + std::to_string(entry.number));
  }
  acknowledge_later();
}

void SimDevice::acknowledge_later() {
  if (std::exchange(ack_planned_, true)) return;
  const milliseconds delay(ground_.world.random().between(1, 1000));
  ground_.world.at(delay, [this, life = life_] {
    if (life == life_) send_acknowledgements();
  });
}

void SimDevice::send_acknowledgements() {
  ack_planned_ = false;
  if (session_ == nullptr) return;
  for (const auto& [key, number] : numbers_) session_->acknowledged(key.first, key.second, number);
}

}  // namespace longwire::sim
