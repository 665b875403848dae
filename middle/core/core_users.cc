// Users of the XMPP front end: their names, passwords and end.

#include <utility>

#include "middle/core/core.h"
#include "middle/core/gather.h"
#include "middle/feed/cursor.h"
#include "middle/feed/feed.h"

namespace longwire::middle {
namespace {

constexpr std::size_t kUsersCached = 10'000;

Callback<bool> must_hold(Callback<void> done, ErrorCode code, const char* message) {
  return [d = std::move(done), code, message](Result<bool> held) mutable {
    if (!held) return d(held.error());
    if (!*held) return d(Error{code, message});
    d({});
  };
}

}  // namespace

void Core::add_user(XmppAccount account, std::string password, Callback<void> done) {
  if (is_device_id(account.value()))
    return done(Error{ErrorCode::kInvalidArgument, "a name in the form of a device's"});
  derive_keys(std::move(password), [this, account, d = std::move(done)](auto keys) mutable {
    if (!keys) return d(keys.error());
    parts_.directory.create_user(
        User{std::move(account), std::move(*keys), now()},
        guard_.wrap<bool>(
            must_hold(std::move(d), ErrorCode::kAlreadyExists, "the user exists already")));
  });
}

void Core::set_password(XmppAccount account, std::string password, Callback<void> done) {
  if (is_elsewhere(account, done)) return;
  auto replaced = [this, account,
                   answer = must_hold(std::move(done), ErrorCode::kNotFound, "no such user")](
                      Result<bool> result) mutable {
    users_.erase(account);
    if (result && is_elsewhere(account, answer)) return;  // its sessions are, too
    if (result && *result) close_sessions(account, ErrorCode::kUnauthenticated);
    answer(std::move(result));
  };
  derive_keys(std::move(password), [this, account, r = std::move(replaced)](auto keys) mutable {
    if (!keys) return r(keys.error());
    parts_.directory.replace_user(User{std::move(account), std::move(*keys), now()},
                                  guard_.wrap<bool>(std::move(r)));
  });
}

// Whoever is given the name next is somebody else: contacts show themselves to the account no more,
// and what waited in its archive waits for nobody.
void Core::remove_user(XmppAccount account, Callback<void> done) {
  if (is_elsewhere(account, done)) return;
  close_sessions(account, ErrorCode::kNotFound);
  part_from_contacts(account, [this, account, d = std::move(done)](Status parted) mutable {
    if (!parted) return d(parted);
    users_.erase(account);
    parts_.directory.remove_user(
        account, guard_.wrap<bool>([this, account, d = std::move(d)](Result<bool> removed) mutable {
          if (!removed) return d(removed.error());
          if (!*removed) return d(Error{ErrorCode::kNotFound, "no such user"});
          skip_archive(account, std::move(d));
        }));
  });
}

void Core::part_from_contacts(const XmppAccount& account, Callback<void> done) {
  auto roster = [this, account,
                 d = std::move(done)](Result<std::vector<RosterItem>> items) mutable {
    if (!items) return d(items.error());
    auto all = Gather<bool>::make([d = std::move(d)](Result<std::vector<bool>> parted) mutable {
      d(parted ? Status() : Status(parted.error()));
    });
    for (const RosterItem& item : *items) part(item, all->ask());
    all->close();
  };
  parts_.directory.get_roster(account, guard_.wrap<std::vector<RosterItem>>(std::move(roster)));
}

// The other side of `mine`: its owner keeps the contact's name, and no subscription.
void Core::part(const RosterItem& mine, Callback<bool> done) {
  const std::size_t at = mine.contact.find('@');
  if (at == std::string::npos) return done(false);
  const XmppAccount contact(mine.contact.substr(0, at));
  const std::string own = mine.owner.value() + mine.contact.substr(at);
  parts_.directory.get_roster_item(
      contact, own,
      guard_.wrap<std::optional<RosterItem>>(
          [this, d = std::move(done)](Result<std::optional<RosterItem>> found) mutable {
            if (!found) return d(found.error());
            if (!*found) return d(false);
            RosterItem theirs = std::move(**found);
            theirs.subscription = 0;
            theirs.ask = theirs.pending_in = false;
            theirs.pending_stanza.clear();
            parts_.directory.put_roster_item(
                std::move(theirs),
                guard_.wrap<std::optional<std::uint64_t>>([d = std::move(d)](auto version) mutable {
                  if (!version) return d(version.error());
                  d(version->has_value());
                }));
          }));
}

void Core::skip_archive(const XmppAccount& account, Callback<void> done) {
  run<void>(
      home_of(account), WorkClass::kControl,
      [account](Transaction& t) -> Status {
        const FeedId feed = archive_feed(account);
        auto tail = feed_tail(t, feed);
        if (!tail) return tail.error();
        auto risen = raise_cursor(t, account.value(), feed, *tail, {});
        return risen ? Status() : Status(risen.error());
      },
      std::move(done));
}

void Core::list_users(XmppAccount after, std::size_t limit,
                      Callback<std::vector<XmppAccount>> done) {
  parts_.directory.list_users(std::move(after), limit,
                              guard_.wrap<std::vector<User>>(
                                  [d = std::move(done)](Result<std::vector<User>> users) mutable {
                                    if (!users) return d(users.error());
                                    std::vector<XmppAccount> names;
                                    for (User& user : *users)
                                      names.push_back(std::move(user.account));
                                    d(std::move(names));
                                  }));
}

// Always asked for, whether or not it is known to exist: how long the answer takes tells nobody.
void Core::find_user(const XmppAccount& account, Callback<Credentials> done) {
  parts_.directory.get_user(
      account, guard_.wrap<std::optional<User>>(
                   [this, account, d = std::move(done)](Result<std::optional<User>> user) mutable {
                     if (!user) return d(user.error());
                     if (!*user) return d(Error{ErrorCode::kNotFound, "no such user"});
                     if (users_.size() >= kUsersCached) users_.clear();
                     users_.insert(account);
                     d(std::move((*user)->credentials));
                   }));
}

}  // namespace longwire::middle
