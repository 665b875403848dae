#include "xmpp/session/address_limits.h"

#include <algorithm>
#include <chrono>

namespace longwire::xmpp {

void AddressLimits::drain(Use& use) const {
  const MonotonicTime now = clock_.monotonic();
  const double minutes = std::chrono::duration<double, std::ratio<60>>(now - use.drained).count();
  use.failures -= minutes * static_cast<double>(config_.address_failures_max);
  use.failures = std::max(use.failures, 0.0);
  use.drained = now;
}

bool AddressLimits::connected(const std::string& ip) {
  auto table = table_.lock();
  Use& use = (*table)[ip];
  drain(use);
  if (use.connections >= config_.address_connections_max ||
      use.logins >= config_.address_logins_max ||
      use.failures >= static_cast<double>(config_.address_failures_max))
    return false;
  ++use.connections;
  ++use.logins;
  return true;
}

void AddressLimits::logged_in(const std::string& ip) { --(*table_.lock())[ip].logins; }

void AddressLimits::failed(const std::string& ip) {
  auto table = table_.lock();
  Use& use = (*table)[ip];
  drain(use);
  use.failures += 1;
}

void AddressLimits::closed(const std::string& ip, bool was_logged_in) {
  auto table = table_.lock();
  const auto found = table->find(ip);
  if (found == table->end()) return;
  --found->second.connections;
  if (!was_logged_in) --found->second.logins;
  // An address with failures is remembered, unless there are too many such.
  drain(found->second);
  if (found->second.connections == 0 &&
      (found->second.failures == 0 || table->size() > kIdleAddressesMax))
    table->erase(found);
}

bool AddressLimits::shut_out(const std::string& ip) const {
  auto table = table_.lock();
  const auto found = table->find(ip);
  if (found == table->end()) return false;
  drain(found->second);
  return found->second.failures >= static_cast<double>(config_.address_failures_max);
}

}  // namespace longwire::xmpp
