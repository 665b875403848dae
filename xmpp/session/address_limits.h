#pragma once

// AddressLimits: what one IP address may do before anybody has logged in, over all loops of the
// process. Cheap, since it is asked before a byte is read.

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/guarded.h"
#include "xmpp/session/config.h"

namespace longwire::xmpp {

// Thread-safe.
class AddressLimits final {
 public:
  AddressLimits(const XmppConfig& config, const Clock& clock) : config_(config), clock_(clock) {}

  // False: refuse the connection. True: closed() must follow, and logged_in() may.
  bool connected(const std::string& ip);
  void logged_in(const std::string& ip);
  void failed(const std::string& ip);
  void closed(const std::string& ip, bool was_logged_in);
  // True while the address has failed too often.
  bool shut_out(const std::string& ip) const;
  std::size_t addresses() const { return table_.lock()->size(); }

 private:
  struct Use {
    std::int64_t connections = 0;
    std::int64_t logins = 0;  // not yet logged in
    double failures = 0;      // drains with time: address_failures_max a minute
    MonotonicTime drained{};
  };
  using Table = std::unordered_map<std::string, Use>;
  void drain(Use& use) const;
  static constexpr std::size_t kIdleAddressesMax = 100'000;

  const XmppConfig& config_;
  const Clock& clock_;
  mutable Guarded<Table> table_;
};

}  // namespace longwire::xmpp
