#pragma once

// Node: one server of the cluster, with at most one connection, made when a call asks for it. A
// node that could not be reached is left alone for a while. Private to this folder.

#include <vector>

#include "base/log.h"
#include "storage/redis/backoff.h"
#include "storage/redis/connection.h"
#include "storage/redis/router_metrics.h"

namespace longwire::storage::redis {

class Node;

// Told on the loop. It may send to any node, and must neither check nor close one from within.
class NodeUser {
 public:
  virtual ~NodeUser() = default;
  virtual void on_answer(Node& node, Call& call, Reply&& reply) = 0;
  // The call comes back: it was not done / it may have been.
  virtual void on_unsent(Call& call, const Error& why) = 0;
  virtual void on_lost(Call& call, const Error& why) = 0;
  // Its connection ended, or could not be made. Calls that come back do so after this.
  virtual void on_down(Node& node) = 0;
  // flush() the nodes at the end of the turn.
  virtual void on_wants_flush() = 0;
};

// What all nodes of a router share; all outlive them.
struct NodeParts {
  const Options& options;
  net::Loop& loop;
  Random& random;
  const Logger& log;
  RouterMetrics& metrics;
  NodeUser& user;
};

// Loop-bound.
class Node final : private ConnectionUser {
 public:
  Node(net::Address address, const NodeParts& parts);
  // It must be closed.
  ~Node() override = default;

  const net::Address& address() const { return address_; }
  bool is_up() const { return state_ == State::kUp; }
  bool is_closed() const { return state_ == State::kClosed; }
  bool is_idle() const { return unanswered_ == 0 && queue_.empty(); }
  // How long it is left alone; zero: it can be sent to.
  std::chrono::milliseconds pause_left() const;
  // Sends the call, or keeps it until the connection stands. Only without a pause.
  void send(Call& call);
  void flush() { connection_.flush(); }

  // Ends a connection that took too long, was refused, or owes answers and is silent. Often.
  void check();
  void close(const Error& why) { connection_.close(why); }
  // The same, and no line tells of it: it is we who go.
  void end(const Error& why) {
    health_ = Health::kDown;
    close(why);
  }

 private:
  enum class State { kClosed, kGreeting, kRefused, kUp };
  enum class Health { kUnknown, kUp, kDown };

  // ConnectionUser.
  void on_greeted() override;
  void on_refused(const Error& why) override;
  void on_answer(Call& call, Reply&& reply) override;
  void on_wants_flush() override { parts_.user.on_wants_flush(); }
  void on_ended(const Error& why, std::vector<Call*> unanswered) override;

  void connect();
  Status open();
  void hand_over(Call& call);
  void set_health(Health health, const std::string& why);

  const net::Address address_;
  const NodeParts parts_;
  Connection connection_;
  Backoff backoff_;
  State state_ = State::kClosed;
  Health health_ = Health::kUnknown;
  std::string refusal_;            // where kRefused
  MonotonicTime opened_at_{0};     // where kGreeting
  MonotonicTime not_before_{0};    // end of the pause, where kClosed
  MonotonicTime silent_since_{0};  // where something is unanswered
  std::size_t unanswered_ = 0;     // sent calls
  bool proven_ = false;            // this connection has answered a call
  bool doubtful_ = false;          // the last one ended without having answered any, or hung
  std::vector<Call*> queue_;       // not sent yet
};

}  // namespace longwire::storage::redis
