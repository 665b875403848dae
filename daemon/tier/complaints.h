#pragma once

// Complaints: what keeps connections from coming about, in the log: once for each other end and
// reason, and again each minute while it goes on, so that attempts without end do not fill it.

#include <map>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"

namespace longwire::daemon {

// Thread-safe.
class Complaints final {
 public:
  // `event` is what the log calls them, `role` what it calls the other end. Log and clock outlive
  // it.
  Complaints(LogSink& log, const Clock& clock, std::string event, std::string role);

  void add(const std::string& who, const std::string& why);
  // All is well with this one: what comes next is news.
  void forget(const std::string& who);
  // The last complaint; empty: none.
  std::string why(const std::string& who) const;

 private:
  struct Complaint {
    std::string why;
    MonotonicTime told{0};
  };

  const Logger log_;
  const Clock& clock_;
  const std::string event_;
  const std::string role_;
  Guarded<std::map<std::string, Complaint>> complaints_;
};

}  // namespace longwire::daemon
