#include "sdk/cpp/state.h"

#include <algorithm>
#include <utility>

namespace longwire::sdk {

FeedState& RegistrationState::feed(const std::string& name) {
  for (FeedState& one : feeds)
    if (one.feed == name) return one;
  return feeds.emplace_back(FeedState{.feed = name, .incarnation = {}, .number = 0, .begun = 0});
}

bool RegistrationState::is_recent(const Bytes& message_id) const {
  return std::find(recent.begin(), recent.end(), message_id) != recent.end();
}

RegistrationState* State::find(const std::string& app_id, const std::string& package) {
  for (RegistrationState& one : registrations)
    if (one.app_id == app_id && one.package == package) return &one;
  return nullptr;
}

RegistrationState* State::find(const std::string& reg_id) {
  for (RegistrationState& one : registrations)
    if (one.reg_id == reg_id) return &one;
  return nullptr;
}

}  // namespace longwire::sdk
