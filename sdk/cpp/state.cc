#include "sdk/cpp/state.h"

#include <algorithm>
#include <utility>

namespace longwire::sdk {

FeedState& RegistrationState::feed(const std::string& name) {
  for (FeedState& one : feeds)
    if (one.feed == name) return one;
  return feeds.emplace_back(FeedState{.feed = name, .incarnation = {}, .number = 0, .begun = 0});
}

bool RegistrationState::is_known(const Bytes& message_id) const {
  return std::find(recent.begin(), recent.end(), message_id) != recent.end() ||
         std::find(replayed.begin(), replayed.end(), message_id) != replayed.end();
}

// One that came again is recent from then on: storage may be restored once more.
void RegistrationState::remember(const Bytes& message_id) {
  if (std::find(recent.begin(), recent.end(), message_id) != recent.end()) return;
  std::erase(replayed, message_id);
  if (recent.size() >= StateStore::kRecentMax) recent.pop_front();
  recent.push_back(message_id);
}

// Called once for each feed that began anew, so what still waits for its replay stays.
void RegistrationState::expect_replay() {
  replayed.insert(replayed.end(), recent.begin(), recent.end());
  recent.clear();
  while (replayed.size() > StateStore::kRecentMax) replayed.pop_front();
}

bool RegistrationState::carries(const CarriedName& name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void RegistrationState::carry(const CarriedName& name, bool carried) {
  std::erase(names, name);
  if (carried) names.push_back(name);
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

void State::lose_account() {
  account.reset();
  for (RegistrationState& one : registrations)
    one = {.app_id = one.app_id,
           .package = one.package,
           .reg_id = {},
           .secret = {},
           .incarnation = {},
           .feeds = {},
           .recent = {},
           .replayed = {},
           .names = one.names,
           .renew_names = true};
}

}  // namespace longwire::sdk
