#pragma once

// FakeService and FakeFollowHub: the middle tier in a few lines, for tests of front ends: accounts,
// sessions, presence, rosters and archives in maps, answered by posted tasks in order. Several
// front ends may share one FakeMiddle. What front ends of chat do not ask is answered kUnsupported.

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "middle/route/follow_hub.h"
#include "middle/service.h"

namespace longwire::test {

// Loop-bound, all of it: one executor for every front end.
class FakeMiddle final {
 public:
  explicit FakeMiddle(Executor& executor, const Clock& clock)
      : executor_(executor), clock_(clock) {}

  void add_user(const std::string& name, middle::Credentials credentials) {
    users_[name] = std::move(credentials);
  }
  void attach(const middle::NodeId& node, middle::FrontEnd& front_end) {
    front_ends_[node.value()] = &front_end;
  }
  // While held, archived messages are routed at once and answered (and appended) at release.
  void hold_archive(bool hold);
  // The next answers of this kind fail.
  void fail_routes(bool fail) { fail_routes_ = fail; }
  void fail_cursors(bool fail) { fail_cursors_ = fail; }
  // As for a front end that had no answer: the last message for an archive, where it is by now.
  void route_again();
  // While lost, what is routed reaches nobody.
  void lose_routed(bool lose) { lose_routed_ = lose; }
  // While held, feeds are being asked for anew: nobody is told of their entries.
  void hold_feeds(bool hold);
  std::size_t archived(const std::string& account) const;
  middle::FeedNumber cursor(const std::string& account) const;
  const std::vector<std::string>& closed_sessions() const { return closed_; }
  void register_device(const middle::DeviceId& device, middle::RegistrationView view) {
    registrations_[device.value()].push_back(std::move(view));
  }

 private:
  friend class FakeService;
  friend class FakeFollowHub;
  struct Listener {
    middle::FeedListener* listener = nullptr;
    std::string feed;
    middle::FeedNumber after = 0;
    middle::FeedNumber head = 0;  // that the hub knows of
    bool paused = false;
  };

  void append(const middle::RouteRequest& request);
  void tell_others(const std::string& account, const std::string& except);
  void deliver_feed(std::uint64_t subscription);
  std::uint32_t deliver(const middle::RouteRequest& request);
  std::vector<middle::SessionPresence> choose(const middle::RouteRequest& request) const;

  Executor& executor_;
  const Clock& clock_;
  std::map<std::string, middle::Credentials> users_;
  std::map<std::string, middle::FrontEnd*> front_ends_;
  std::map<std::pair<std::string, std::string>, middle::SessionPresence> sessions_;
  std::map<std::pair<std::string, std::string>, middle::RosterItem> rosters_;
  std::map<std::string, std::vector<middle::EntryPtr>> archives_;
  std::map<std::string, middle::FeedNumber> cursors_;
  std::map<std::string, middle::SessionNumber> numbers_;
  std::map<std::string, std::vector<middle::RegistrationView>> registrations_;
  std::map<std::uint64_t, Listener> listeners_;
  std::vector<std::string> closed_;
  std::vector<std::pair<middle::RouteRequest, Callback<middle::RouteReply>>> held_;
  std::uint64_t next_subscription_ = 1;
  middle::RouteRequest last_for_archive_;
  bool lose_routed_ = false;
  bool hold_archive_ = false;
  bool hold_feeds_ = false;
  bool fail_routes_ = false;
  bool fail_cursors_ = false;
};

std::unique_ptr<middle::Service> make_fake_service(FakeMiddle& middle);
std::unique_ptr<middle::FollowHub> make_fake_follow_hub(FakeMiddle& middle);

}  // namespace longwire::test
