#pragma once

// Rosters (RFC 6121 section 2): get with versions, set, remove, and the push of a change to every
// resource that asked for the roster. What this loop does to one roster it does in the order in
// which it was asked; items are changed by compare-and-swap, since both sides of a subscription,
// and clients of other loops, may change one at once.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xmpp/im/iq_table.h"
#include "xmpp/im/roster_queue.h"
#include "xmpp/im/subscription.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {

class Presence;

// Loop-bound.
class Roster final {
 public:
  explicit Roster(SessionHost& host) : host_(host), queue_(host.config) {}
  void set_presence(Presence& presence) { presence_ = &presence; }

  void get(const IqRequest& request);
  void set(const IqRequest& request);

  struct Edited {
    SubscriptionChange change;
    middle::RosterItem item;  // as stored
    std::string version;      // of the roster with this change; for a push
  };
  struct Editing {
    middle::XmppAccount owner;
    std::string contact;
    // Changes the item, a new one where there is none; again if another was faster.
    std::function<SubscriptionChange(middle::RosterItem& item)> change;
    // kNotFound: no such owner. kResourceExhausted: the roster would grow and is full, or too much
    // waits for it. The next edit of it begins afterwards.
    Callback<Edited> done;
    bool by_contact = false;        // … who does not know whether there is such an owner
    std::size_t waiting_bytes = 0;  // that the two above keep
  };
  void edit(Editing editing);
  // Tells the owner's resources.
  void push(const Edited& edited);

 private:
  struct Work;
  using WorkPtr = std::unique_ptr<Work>;
  void begin(WorkPtr work);
  using Step = void (Roster::*)(WorkPtr);
  void read(WorkPtr work);
  void read_roster(WorkPtr work, Step then);
  void find(WorkPtr work);
  void change(WorkPtr work, middle::RosterItem item);
  void weigh(WorkPtr work);
  bool is_full(const Work& work, const std::vector<middle::RosterItem>& items) const;
  void store(WorkPtr work);
  void drop(WorkPtr work);
  void finish_well(WorkPtr work);
  void finish(WorkPtr work, Result<Edited> result);

  struct Asker;
  void show(const Asker& asker, const std::optional<std::string>& known,
            const std::vector<middle::RosterItem>& items);
  void set_item(const IqRequest& request, middle::RosterItem wanted);
  void remove_item(const IqRequest& request, const std::string& contact);
  void remove_from(const Asker& asker, const std::string& contact,
                   const std::vector<middle::RosterItem>& items);
  void push(const middle::RosterItem& item, bool removed, const std::string& version);

  SessionHost& host_;
  Presence* presence_ = nullptr;
  RosterQueue queue_;
};

}  // namespace longwire::xmpp
