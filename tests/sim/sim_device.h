#pragma once

// SimDevice: a phone with an app on it. Its state survives its connections, as the SDK's file does.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/journal.h"
#include "tests/sim/sim_session.h"

namespace longwire::sim {

// Loop-bound to the simulation.
class SimDevice final {
 public:
  SimDevice(SimGround& ground, Journal& journal, middle::App app, int index);

  // Wants to be connected from now on; `server` may be null (the server is down).
  void step(SimServer* server);
  void disconnect();  // as the device says goodbye
  void set_wanted(bool wanted) { wanted_ = wanted; }
  // Changes an alias, account or tag at random, where connected and registered.
  void change_name();

  middle::XmppAccount account() const { return middle::XmppAccount(id_.value()); }
  bool ready() const { return registered_; }
  std::uint64_t sessions_begun() const { return sessions_begun_; }
  bool connected() const { return session_ != nullptr && session_->opened(); }
  const middle::RegId& registration() const { return registration_; }
  // The SDK's last number; 0 where it does not tell (it lost its file).
  middle::FeedNumber number(const Journal::FeedKey& key) const;

  // From its session.
  void on_open(const std::vector<middle::RegistrationView>& views);
  void on_push(const Journal::FeedKey& key, const middle::Entry& entry);
  void on_session_gone();
  // A session began: what the one before it acknowledged was stored, if none was between.
  void on_session_number(middle::SessionNumber number);
  void stored(const middle::CursorMove& move);
  // At the end, when the last session has heard if it was replaced.
  void settle_cursors();
  // Whom it asked for its account is gone.
  void http_lost() {
    if (id_.empty()) on_session_gone();
  }

 private:
  void create(SimServer& server);
  void connect(SimServer& server);
  void register_app();
  void finish_change(std::size_t claim, Status done);
  void acknowledge_later();
  void send_acknowledgements();
  middle::NameChange change(const std::string& name) const;
  SimTime now() const { return ground_.world.now(); }

  SimGround& ground_;
  Journal& journal_;
  middle::App app_;
  int index_;
  bool wanted_ = true;
  bool busy_ = false;       // a call of ours is under way
  std::uint64_t life_ = 0;  // answers to an earlier process or session are dropped
  middle::DeviceId id_;
  middle::RegId registration_;
  bool registered_ = false;
  std::optional<SimTime> first_attempt_;  // to register
  bool ack_planned_ = false;
  std::shared_ptr<SimSession> session_;
  std::uint64_t sessions_begun_ = 0;
  // Answered with success; of no effect if another session had begun, by a call that came late.
  std::vector<middle::CursorMove> doubtful_;
  std::map<Journal::FeedKey, middle::FeedNumber> numbers_;
};

}  // namespace longwire::sim
