#pragma once

// Rosters (RFC 6121 section 2): get with versions, set, remove, and the push of a change to every
// resource that asked for the roster. Items are changed by compare-and-swap, since both sides of a
// subscription, and several clients, may change one at once.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "xmpp/im/iq_table.h"
#include "xmpp/im/subscription.h"
#include "xmpp/session/host.h"

namespace longwire::xmpp {

class Presence;

// Loop-bound.
class Roster final {
 public:
  explicit Roster(SessionHost& host) : host_(host) {}
  void set_presence(Presence& presence) { presence_ = &presence; }

  void get(const IqRequest& request);
  void set(const IqRequest& request);

  // Reads the item of (owner, contact), a new one where there is none, lets `edit` change it, and
  // stores it if that says `changed`; again if another was faster. `done` gets the change and the
  // item as stored. kResourceExhausted: it would be new, and the owner has as many as allowed.
  using Edit = std::function<SubscriptionChange(middle::RosterItem& item)>;
  using Edited = Callback<std::pair<SubscriptionChange, middle::RosterItem>>;
  void edit(middle::XmppAccount owner, std::string contact, Edit edit, Edited done);
  // Tells the owner's resources; `removed`: the item is gone.
  void push(const middle::RosterItem& item, bool removed);

 private:
  struct Editing {
    middle::XmppAccount owner;
    std::string contact;
    Edit change;
    Edited done;
    int tries = 5;
  };
  void edit(Editing editing);
  void change(Editing editing, middle::RosterItem item);
  void add(Editing editing, const SubscriptionChange& changes, middle::RosterItem item);
  void store(Editing editing, const SubscriptionChange& changes, middle::RosterItem item);
  void set_item(const IqRequest& request, middle::RosterItem wanted);
  void remove_item(const IqRequest& request, const std::string& contact);

  SessionHost& host_;
  Presence* presence_ = nullptr;
};

void append_roster_item(const middle::RosterItem& item, bool removed, std::string& out);
// Changes whenever an item does.
std::string roster_version(const std::vector<middle::RosterItem>& items);

}  // namespace longwire::xmpp
