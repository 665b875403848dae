#pragma once

// Keeper: what a membership does, on its one thread: holds a session, joins, reads who is there,
// tells it, and begins again where the session is over.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "base/log.h"
#include "middle/ports/membership.h"
#include "storage/zookeeper/options.h"
#include "storage/zookeeper/session.h"
#include "storage/zookeeper/signals.h"

namespace longwire::storage::zookeeper {

// What start() was given.
struct Orders {
  std::optional<middle::Member> self;  // none: to watch only
  middle::Membership::Changed changed;
  Callback<void> joined;
};

// Bound to the thread that runs it.
class Keeper final {
 public:
  // The references outlive it.
  Keeper(const Options& options, const Clock& clock, LogSink& log, Signals& signals, Orders orders);

  // Until it is told to stop; then it leaves, and answers what is not answered.
  void run();

 private:
  struct Entry {
    middle::Member member;
    std::int64_t owner = 0;  // its session
  };
  using Entries = std::vector<Entry>;

  std::optional<std::chrono::milliseconds> patience() const;
  void take_leaves(std::vector<Callback<void>> leaves);
  void note_link(Link link);
  Status advance(Link link);
  Status step();
  Status join();
  Status remove();
  Status create_path();
  Status create_where_missing(const std::string& path);
  Result<Entries> read();
  Result<std::optional<Entry>> read_member(const std::string& address);
  bool is_mine(const Entry& entry) const;
  bool is_of_an_earlier_session(const Entry& entry) const;
  void tell(const Entries& entries);
  void note(const Status& status);
  void answer_start(Status status);
  void answer_leaves(const Status& status);

  const Options& options_;
  const Clock& clock_;
  const Logger log_;
  Signals& signals_;
  Orders orders_;
  const MonotonicTime joined_by_;  // else start() is answered, and trying goes on

  std::unique_ptr<Session> session_;
  Link link_ = Link::kAway;
  bool wanted_;  // to be a member: there is a self, and it has not left
  bool joined_once_ = false;
  bool to_do_ = true;  // something has changed, or the last step did not come to its end
  std::optional<middle::Members> told_;
  std::vector<Callback<void>> leaves_;
  std::string failure_;  // the last one logged, while it lasts
};

}  // namespace longwire::storage::zookeeper
