#pragma once

// RosterQueue: work on rosters, one piece at a time for each owner, in the order in which it was
// asked for (RFC 6120 section 10.1). Of this loop only: what other loops do to the same roster is
// kept apart by compare-and-swap.

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/function.h"
#include "middle/model/ids.h"
#include "xmpp/session/config.h"

namespace longwire::xmpp {

// What one piece of work waits with.
struct RosterWork {
  std::size_t bytes = 0;   // that it keeps meanwhile
  bool by_others = false;  // the owner did not ask for it
  // Its turn has come; or, at once, kResourceExhausted: too much waits already.
  Callback<void> run;
};

// Loop-bound.
class RosterQueue final {
 public:
  explicit RosterQueue(const XmppConfig& config) : config_(config) {}

  // Others may fill half of an owner's limit: they are not to keep it from its roster.

  void enter(const middle::XmppAccount& owner, RosterWork work);
  // The work whose turn it was is done. Once for each turn, never from inside `run`.
  void leave(const middle::XmppAccount& owner);

 private:
  struct Line {
    std::deque<RosterWork> works;  // the first has its turn
    std::size_t bytes = 0;
  };
  bool has_room(const Line& line, const RosterWork& work) const;

  const XmppConfig& config_;
  std::unordered_map<std::string, Line> lines_;  // of owners with work under way
};

}  // namespace longwire::xmpp
