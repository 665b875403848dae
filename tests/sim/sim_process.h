#pragma once

// SimProcess: one `longwire serve` of the simulation: a Middle over the simulated storage,
// front-end loops with their links, and a link for senders. Dies at once, at any moment.

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "middle/local_middle.h"
#include "storage/memory/memory_store.h"
#include "tests/sim/sim_directory.h"
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
  // Executors of dead processes: what is under way still names them.
  std::vector<std::unique_ptr<SimExecutor>> graveyard;
};

// Who on a front end gets stanzas.
class SimStanzas {
 public:
  virtual ~SimStanzas() = default;
  virtual void on_stanza(const middle::RoutedStanza& stanza) = 0;
  virtual void on_front_end_gone() = 0;
};

// One loop of the xmpp tier. Loop-bound to the simulation.
class SimFrontEnd final : public middle::FrontEnd {
 public:
  SimFrontEnd(SimGround& ground, middle::NodeId node);
  ~SimFrontEnd() override;

  void connect(middle::Middle& middle);
  // Sessions end as when the loop's process dies: nobody is told.
  void disconnect();
  bool connected() const { return link_.service != nullptr; }

  middle::Service& service() { return *link_.service; }
  middle::FollowHub& feeds() { return *link_.feeds; }
  const middle::NodeId& node() const { return node_; }
  Executor& loop() { return *loop_; }
  void add(std::shared_ptr<SimSession> session) { sessions_.insert(std::move(session)); }
  void remove(const std::shared_ptr<SimSession>& session) { sessions_.erase(session); }

  void attach(const middle::XmppAccount& account, SimStanzas& stanzas) {
    users_[account] = &stanzas;
  }
  void detach(const middle::XmppAccount& account) { users_.erase(account); }

  void on_stanza(middle::RoutedStanza stanza) override;
  void on_session_closed(middle::SessionClosed closed) override;
  void on_receiver_gone(middle::ReceiverGone) override {}  // users have one session each
  void on_registration_changed(middle::RegistrationChanged changed) override;

 private:
  SimGround& ground_;
  middle::NodeId node_;
  std::unique_ptr<SimExecutor> loop_;
  middle::MiddleLink link_;
  std::map<middle::XmppAccount, SimStanzas*> users_;
  std::set<std::shared_ptr<SimSession>> sessions_;  // shared: messages under way hold them weakly
};

class SimProcess final {
 public:
  SimProcess(SimGround& ground, std::size_t front_ends, const std::string& name);
  // A crash.
  ~SimProcess();

  bool serving() const { return serving_; }
  bool failed() const { return failed_; }  // did not start: an operator starts another
  std::vector<std::unique_ptr<SimFrontEnd>>& front_ends() { return front_ends_; }
  middle::Service& http() { return *http_.service; }
  void restart_front_end(std::size_t index);
  SimDirectory& directory() { return directory_; }

 private:
  SimGround& ground_;
  std::unique_ptr<SimExecutor> owners_;
  std::unique_ptr<SimExecutor> http_loop_;
  SimStore store_;
  std::unique_ptr<middle::PartitionStore> mirror_;  // null: none
  SimDirectory directory_;
  std::unique_ptr<middle::Middle> middle_;
  middle::MiddleLink http_;
  std::vector<std::unique_ptr<SimFrontEnd>> front_ends_;
  bool serving_ = false;
  bool failed_ = false;
};

}  // namespace longwire::sim
