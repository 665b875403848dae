#pragma once

// Journal: what the senders asked for and were told, what the devices asked for and were told, and
// what the apps saw. The promises are checked from it alone, by ids that senders put into bodies.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "middle/service.h"
#include "tests/sim/sim_world.h"

namespace longwire::sim {

struct SendRecord {
  std::string body;  // the sender-made id
  middle::SendRequest request;
  SimTime begun{};                  // the first attempt
  std::optional<SimTime> answered;  // with success
  middle::MessageId id;
  std::vector<std::string> unknown;
  Timestamp expires;  // not before
  std::optional<SimTime> recall_begun;
};

// A registration's carrying of an alias, account or tag, or its being there at all.
enum class ClaimKind { kAlias, kAccount, kTag, kRegistered };
struct Claim {
  ClaimKind kind = ClaimKind::kTag;
  std::string name;
  middle::RegId registration;
  bool carried = true;
  SimTime begun{};
  std::optional<SimTime> done;  // empty: not answered with success; may take effect at any time
};

enum class Certainty { kNo, kMaybe, kYes };

// Loop-bound to the simulation.
class Journal final {
 public:
  using FeedKey = std::pair<middle::RegId, middle::FeedId>;
  // Limits that the checker must know.
  struct Rules {
    bool alias_is_exclusive = true;  // alias_registrations_max = 1
  };

  void fail(const std::string& what);
  const std::string& failure() const { return failure_; }

  std::size_t begin_send(SendRecord record);
  SendRecord& send(std::size_t index) { return sends_[index]; }
  const std::vector<SendRecord>& sends() const { return sends_; }
  std::size_t begin_claim(Claim claim);
  void end_claim(std::size_t index, SimTime now) { claims_[index].done = now; }

  // An entry with a number, seen by anybody: a number means one thing for ever.
  void saw_entry(const middle::FeedId& feed, const middle::Entry& entry);
  std::vector<middle::FeedId> feeds() const;
  // The app's callback.
  void delivered(const middle::RegId& registration, const middle::FeedId& feed,
                 const middle::Entry& entry);
  // A cursor that the middle said it stored, and one that it shows: it must not be lower.
  void cursor_stored(const FeedKey& key, middle::FeedNumber number);
  void cursor_shown(const FeedKey& key, middle::FeedNumber number);

  // After everything has drained.
  void check(SimTime end, Timestamp end_wall);
  // What trace says of a message, against the log.
  void check_trace(const SendRecord& send, const middle::TraceReply& reply);

  std::size_t deliveries() const { return deliveries_; }
  std::size_t count(const middle::RegId& registration, const std::string& body) const;

 private:
  void check_send(const SendRecord& send, Timestamp end_wall);
  void check_order();
  bool excused(const SendRecord& send, Timestamp end_wall) const;
  Certainty addressed(const SendRecord& send, const middle::RegId& registration) const;
  Certainty carried(ClaimKind kind, const std::string& name, const middle::RegId& registration,
                    SimTime from, SimTime to) const;
  Certainty tags_match(const SendRecord& send, const middle::RegId& registration) const;
  bool against(const Claim& claim, ClaimKind kind, const std::string& name,
               const middle::RegId& registration) const;

  Rules rules_;
  std::string failure_;
  std::vector<SendRecord> sends_;
  std::vector<Claim> claims_;
  std::map<std::string, std::size_t> send_by_body_;
  std::map<middle::FeedId, std::map<middle::FeedNumber, middle::MessageId>> entries_;
  std::map<middle::FeedId, std::map<middle::FeedNumber, std::string>> bodies_;
  std::map<std::pair<middle::FeedId, middle::MessageId>, middle::FeedNumber> places_;
  std::map<middle::RegId, std::map<std::string, int>> seen_;  // by the app: body, times
  std::map<FeedKey, middle::FeedNumber> cursors_;
  std::size_t deliveries_ = 0;
};

}  // namespace longwire::sim
