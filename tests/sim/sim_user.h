#pragma once

// SimUser: a user of a standard XMPP client with one resource, and who writes to him. What is
// written is kept in his archive; he gets it live where he is connected, from the archive
// otherwise.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/journal.h"
#include "tests/sim/sim_front_end.h"

namespace longwire::sim {

// Loop-bound to the simulation.
class SimUser final : public middle::FeedListener, public SimStanzas {
 public:
  SimUser(SimGround& ground, Journal& journal, std::string name);

  void step(SimServer* server);
  void set_wanted(bool wanted) { wanted_ = wanted; }
  // Somebody writes to him; repeated until it is answered.
  void write();
  void process_lost();
  // … and with it who wrote to him: what was not answered counts 0 or 1.
  void writers_lost();
  // Fails where something that was answered never came.
  void check();
  bool idle() const;

  void on_entries(middle::SubscriptionId subscription, const middle::FeedId& feed,
                  std::span<const middle::EntryPtr> entries) override;
  void on_feed_reset(middle::SubscriptionId subscription, const middle::FeedId& feed,
                     const middle::Incarnation& incarnation) override;
  void on_stanza(const middle::RoutedStanza& stanza) override;
  void on_front_end_gone() override;
  std::optional<middle::SessionPresence> presence() const override;

 private:
  struct Letter {
    middle::MessageId id;
    std::string body;
    bool under_way = false;
    bool answered = false;
    bool tried = false;
    bool given_up = false;
  };
  void connect(SimServer& server);
  void opened(SimFrontEnd& front_end);
  void disconnect();
  void send(SimServer& server, std::size_t index);
  void saw(const std::string& body);
  void move_cursor();

  SimGround& ground_;
  Journal& journal_;
  middle::XmppAccount account_;
  middle::FeedId archive_;
  bool wanted_ = true;
  bool ready_ = false;
  std::uint64_t life_ = 0;            // of the connection
  middle::SessionNumber number_ = 0;  // 0: not logged in
  std::uint64_t process_ = 0;         // lives of the server
  SimFrontEnd* front_end_ = nullptr;
  middle::SubscriptionId subscription_ = middle::SubscriptionId::kNone;
  middle::FeedNumber seen_to_ = 0;
  middle::FeedNumber moved_to_ = 0;
  std::vector<Letter> letters_;
  std::set<std::string> seen_;
};

}  // namespace longwire::sim
