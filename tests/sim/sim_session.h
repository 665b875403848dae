#pragma once

// SimSession: what the xmpp tier does for one connected device: opens the session, follows its
// feeds, pushes what the registration is to get, steps over the rest, keeps cursors moving.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/journal.h"
#include "tests/sim/sim_front_end.h"

namespace longwire::sim {

class SimDevice;

// Loop-bound to the simulation. Owned by its front end.
class SimSession final : public middle::FeedListener,
                         public std::enable_shared_from_this<SimSession> {
 public:
  SimSession(SimGround& ground, SimFrontEnd& front_end, SimDevice& device, Journal& journal,
             std::string resource);
  ~SimSession() override;

  void open();
  // The connection is gone; the front end knows, and tells the middle.
  void close();
  // The front end itself is gone.
  void die();
  bool alive() const { return alive_; }
  bool opened() const { return opened_; }
  // Empty: not open yet.
  std::optional<middle::SessionPresence> presence() const;
  middle::Service& service() { return front_end_.service(); }

  void acknowledged(const middle::RegId& registration, const middle::FeedId& feed,
                    middle::FeedNumber number);
  // Registrations as the middle has them now: starts and stops following.
  void update(const middle::RegistrationView& view);

  void on_entries(middle::SubscriptionId subscription, const middle::FeedId& feed,
                  std::span<const middle::EntryPtr> entries) override;
  void on_feed_reset(middle::SubscriptionId subscription, const middle::FeedId& feed,
                     const middle::Incarnation& incarnation) override;
  void on_closed(const middle::SessionClosed& closed);
  void on_changed(const middle::RegistrationChanged& changed);

 private:
  struct Interval {
    middle::FeedNumber since = 1;
    std::optional<middle::FeedNumber> until;
  };
  struct Followed {
    middle::SubscriptionId subscription = middle::SubscriptionId::kNone;
    std::vector<Interval> intervals;
    middle::FeedNumber seen = 0;                 // pushed or stepped over
    std::deque<middle::FeedNumber> outstanding;  // pushed, not acknowledged
    bool paused = false;
  };
  using Key = Journal::FeedKey;

  void take(const Key& key, Followed& followed, const middle::EntryPtr& entry);
  bool meant(const Key& key, const Followed& followed, const middle::Entry& entry) const;
  bool tags_match(const Key& key, const middle::Entry& entry) const;
  middle::FeedNumber position(const Followed& followed) const;
  std::vector<middle::CursorMove> moves();
  void stored(const std::vector<middle::CursorMove>& moves);
  void flush_moves();
  void stop_following();

  SimGround& ground_;
  SimFrontEnd& front_end_;
  SimDevice& device_;
  Journal& journal_;
  std::string resource_;
  middle::SessionNumber number_ = 0;
  bool alive_ = true;
  bool opened_ = false;
  std::map<Key, Followed> followed_;
  std::map<middle::SubscriptionId, Key> by_subscription_;
  std::map<middle::RegId, middle::RegistrationView> views_;
  std::map<Key, middle::FeedNumber> moved_;  // told to the middle and stored
  std::vector<middle::CursorMove> old_moves_;
  std::deque<std::pair<Key, middle::EntryPtr>> wire_;
};

}  // namespace longwire::sim
