#pragma once

// SimFrontEnd: one loop of the xmpp tier, with the sessions on it; and what those who come to the
// server see of it, be it one process or many (SimServer).

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "middle/middle.h"
#include "storage/memory/memory_store.h"
#include "tests/sim/sim_network.h"
#include "tests/sim/sim_redis.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/sim_world.h"

namespace longwire::sim {

class SimSession;

// What outlives processes.
struct SimGround {
  SimWorld& world;
  SimStorage& storage;
  SimRedis* redis;  // null: rows have no mirror
  std::shared_ptr<storage::MemoryStorage> directory;
  SimNetwork& network;
  middle::MiddleConfig config;
  bool clustered = false;  // there are several nodes: calls may be carried out late
  // Executors of dead processes: what is under way still names them.
  std::vector<std::unique_ptr<SimExecutor>> graveyard;
};

// Who on a front end gets stanzas.
class SimStanzas {
 public:
  virtual ~SimStanzas() = default;
  virtual void on_stanza(const middle::RoutedStanza& stanza) = 0;
  virtual void on_front_end_gone() = 0;
  // Empty: not logged in.
  virtual std::optional<middle::SessionPresence> presence() const = 0;
};

// Loop-bound to the simulation.
class SimFrontEnd final : public middle::FrontEnd {
 public:
  // `name`: for the log.
  SimFrontEnd(SimGround& ground, const std::string& name);
  ~SimFrontEnd() override;

  using Connect =
      std::function<middle::MiddleLink(Executor& loop, middle::NodeId node, middle::FrontEnd*)>;
  void connect(middle::NodeId node, const Connect& connect);
  // Sessions end as when the loop's process dies: nobody is told.
  void disconnect();
  bool connected() const { return link_.service != nullptr; }
  // Planted: new owners of partitions are not told of the sessions here.
  void keep_to_itself() { keeps_to_itself_ = true; }

  middle::Service& service() { return *link_.service; }
  middle::FollowHub& feeds() { return *link_.feeds; }
  const middle::NodeId& node() const { return link_.node; }
  Executor& loop() { return *loop_; }
  void add(std::shared_ptr<SimSession> session) { sessions_.push_back(std::move(session)); }
  void remove(const std::shared_ptr<SimSession>& session) { std::erase(sessions_, session); }

  // Counts calls that nobody has answered yet.
  template <typename T>
  Callback<T> counted(Callback<T> done) {
    ++*unanswered_;
    return [count = unanswered_, d = std::move(done)](Result<T> answer) mutable {
      --*count;
      d(std::move(answer));
    };
  }
  std::size_t unanswered() const { return *unanswered_; }

  void attach(const middle::XmppAccount& account, SimStanzas& stanzas) {
    users_[account] = &stanzas;
  }
  void detach(const middle::XmppAccount& account) { users_.erase(account); }

  void on_stanza(middle::RoutedStanza stanza) override;
  void on_session_closed(middle::SessionClosed closed) override;
  void on_receiver_gone(middle::ReceiverGone) override {}  // users have one session each
  void on_registration_changed(middle::RegistrationChanged changed) override;
  void on_owners_changed(const middle::OwnersChanged& changed) override;

 private:
  SimGround& ground_;
  std::unique_ptr<SimExecutor> loop_;
  middle::MiddleLink link_;
  bool keeps_to_itself_ = false;
  // Shared: with answers on their way to a life that is over.
  std::shared_ptr<std::size_t> unanswered_ = std::make_shared<std::size_t>(0);
  std::map<middle::XmppAccount, SimStanzas*> users_;
  // Shared: messages under way hold them weakly.
  std::vector<std::shared_ptr<SimSession>> sessions_;
};

// What devices, users and senders see. Loop-bound to the simulation.
class SimServer {
 public:
  virtual ~SimServer() = default;
  virtual bool serving() const = 0;
  virtual std::vector<std::unique_ptr<SimFrontEnd>>& front_ends() = 0;
  virtual middle::Service& http() = 0;
};

}  // namespace longwire::sim
