#include "tests/sim/sim_front_end.h"

#include <utility>

#include "tests/sim/sim_session.h"

namespace longwire::sim {

SimFrontEnd::SimFrontEnd(SimGround& ground, const std::string& name)
    : ground_(ground), loop_(ground.world.make_executor(name)) {}

SimFrontEnd::~SimFrontEnd() {
  disconnect();
  loop_->kill();
  ground_.graveyard.push_back(std::move(loop_));
}

void SimFrontEnd::connect(middle::NodeId node, const Connect& connect) {
  link_ = connect(*loop_, std::move(node), this);
}

void SimFrontEnd::disconnect() {
  for (const auto& session : std::exchange(sessions_, {})) session->die();
  for (const auto& [account, user] : std::exchange(users_, {})) user->on_front_end_gone();
  link_.feeds.reset();
  link_.service.reset();
  unanswered_ = std::make_shared<std::size_t>(0);
}

void SimFrontEnd::on_stanza(middle::RoutedStanza stanza) {
  auto found = users_.find(stanza.to);
  if (found != users_.end()) found->second->on_stanza(stanza);
}

void SimFrontEnd::on_session_closed(middle::SessionClosed closed) {
  const auto sessions = sessions_;
  for (const auto& session : sessions) session->on_closed(closed);
}

void SimFrontEnd::on_registration_changed(middle::RegistrationChanged changed) {
  const auto sessions = sessions_;
  for (const auto& session : sessions) session->on_changed(changed);
}

void SimFrontEnd::on_owners_changed(const middle::OwnersChanged& changed) {
  if (keeps_to_itself_) return;
  std::vector<middle::SessionPresence> told;
  const auto tell = [&](std::optional<middle::SessionPresence> session) {
    if (session && changed.concerns(session->account)) told.push_back(std::move(*session));
  };
  for (const auto& session : sessions_) tell(session->presence());
  for (const auto& [account, user] : users_) tell(user->presence());
  if (told.empty()) return;
  service().keep_sessions(std::move(told), counted(Callback<void>([](const Status&) {})));
}

}  // namespace longwire::sim
