#include "xmpp/im/roster.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "xmpp/im/im.h"
#include "xmpp/im/im_state.h"
#include "xmpp/im/presence.h"
#include "xmpp/im/roster_item.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

constexpr int kTriesMax = 5;

}  // namespace

// Where an answer goes when it comes later; the request's element is gone by then.
struct Roster::Asker {
  SessionHost* host;
  middle::XmppAccount owner;
  SessionHandle session;
  InboundToken token;
  std::string head;     // of the result
  std::string refusal;  // up to the error

  explicit Asker(const IqRequest& request)
      : host(&request.im.host()),
        owner(request.session.account()),
        session(request.session.handle()),
        token(request.token),
        head(result_head(request.iq)) {
    refusal = "<iq type='error'";
    append_attribute("id", request.iq.attribute_or_empty("id"), refusal);
    refusal.push_back('>');
  }
  std::size_t bytes() const { return head.size() + refusal.size(); }
  Session* find() const { return host->sessions.find(session); }
  void answer(std::string_view payload) const {
    if (Session* asking = find())
      asking->send(payload.empty() ? head + "/>" : head + ">" + std::string(payload) + "</iq>");
    Session::handled(*host, token);
  }
  void refuse(StanzaError error) const {
    std::string out = refusal;
    append_stanza_error(error, {}, out);
    if (Session* asking = find()) asking->send(out.append("</iq>"));
    Session::handled(*host, token);
  }
  void refuse(const Error& error) const { refuse(stanza_error_of(error.code)); }
};

void Roster::get(const IqRequest& request) {
  Session& session = request.session;
  need_im_state(session).wants_roster = true;
  presence_->announce(session, nullptr);
  std::optional<std::string> known;
  if (const auto version = request.payload.attribute("ver")) known = std::string(*version);
  Asker asker(request);
  const middle::XmppAccount owner = asker.owner;
  const std::size_t bytes = asker.bytes() + (known ? known->size() : 0);
  queue_.enter(
      owner, {.bytes = bytes,
              .run = [this, asker = std::move(asker), known = std::move(known)](Status turn) {
                if (!turn.ok()) return asker.refuse(turn.error());
                host_.service->get_roster(
                    asker.owner, [this, asker, known](Result<std::vector<middle::RosterItem>> all) {
                      if (all.ok()) {
                        show(asker, known, *all);
                      } else {
                        asker.refuse(all.error());
                      }
                      queue_.leave(asker.owner);
                    });
              }});
}

void Roster::show(const Asker& asker, const std::optional<std::string>& known,
                  const std::vector<middle::RosterItem>& items) {
  const std::string now = roster_version(roster_digest(items));
  if (known && *known == now) return asker.answer({});
  std::string out = "<query xmlns='jabber:iq:roster'";
  if (known) append_attribute("ver", now, out);
  out.push_back('>');
  for (const auto& item : items)
    if (is_listed(item)) append_roster_item(item, false, out);
  asker.answer(out.append("</query>"));
}

void Roster::set(const IqRequest& request) {
  const Element item = request.payload.first_child();
  if (!item.is("item", ns::kRoster) || item.next() || names_a_group_twice(item))
    return answer_error(request, StanzaError::kBadRequest);
  auto wanted = read_roster_item(item, request.session.account());
  if (!wanted) return answer_error(request, StanzaError::kNotAcceptable);
  if (wanted->contact == request.session.bare_jid())
    return answer_error(request, StanzaError::kNotAllowed);
  if (item.attribute_or_empty("subscription") == "remove")
    return remove_item(request, wanted->contact);
  set_item(request, std::move(*wanted));
}

void Roster::set_item(const IqRequest& request, middle::RosterItem wanted) {
  Asker asker(request);
  Editing editing;
  editing.owner = wanted.owner;
  editing.contact = wanted.contact;
  editing.waiting_bytes = asker.bytes() + roster_item_bytes(wanted);
  editing.change = [wanted = std::move(wanted)](middle::RosterItem& item) {
    item.name = wanted.name;
    item.groups = wanted.groups;
    return SubscriptionChange{.changed = true, .push = true};
  };
  editing.done = [this, asker = std::move(asker)](Result<Edited> edited) {
    if (!edited.ok()) return asker.refuse(edited.error());
    push(*edited);
    asker.answer({});
  };
  edit(std::move(editing));
}

void Roster::remove_item(const IqRequest& request, const std::string& contact) {
  Asker asker(request);
  const middle::XmppAccount owner = asker.owner;
  const std::size_t bytes = asker.bytes() + contact.size();
  queue_.enter(owner,
               {.bytes = bytes, .run = [this, asker = std::move(asker), contact](Status turn) {
                  if (!turn.ok()) return asker.refuse(turn.error());
                  host_.service->get_roster(
                      asker.owner,
                      [this, asker, contact](Result<std::vector<middle::RosterItem>> all) {
                        if (all.ok()) return remove_from(asker, contact, *all);
                        asker.refuse(all.error());
                        queue_.leave(asker.owner);
                      });
                }});
}

void Roster::remove_from(const Asker& asker, const std::string& contact,
                         const std::vector<middle::RosterItem>& items) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const auto& item) { return item.contact == contact; });
  if (found == items.end()) {
    asker.refuse(StanzaError::kItemNotFound);
    return queue_.leave(asker.owner);
  }
  std::string version = roster_version(roster_digest(items) - roster_digest(*found));
  host_.service->remove_roster_item(
      asker.owner, contact,
      [this, asker, item = *found, version = std::move(version)](Result<bool> removed) {
        if (removed.ok()) {
          push(item, true, version);
          presence_->contact_removed(item);
          asker.answer({});
        } else {
          asker.refuse(removed.error());
        }
        queue_.leave(asker.owner);
      });
}

// ---- an edit

struct Roster::Work {
  Editing asked;
  Edited edited;
  std::optional<std::vector<middle::RosterItem>> items;  // where the whole roster was read
  // The item as it was.
  bool was_listed = false;
  std::size_t bytes_before = 0;
  std::uint64_t others = 0;  // the digest of the other items
  int tries = kTriesMax;
};

void Roster::edit(Editing editing) {
  auto work = std::make_unique<Work>();
  work->asked = std::move(editing);
  const middle::XmppAccount owner = work->asked.owner;
  queue_.enter(owner, {.bytes = work->asked.waiting_bytes,
                       .by_others = work->asked.by_contact,
                       .run = [this, work = std::move(work)](Status turn) mutable {
                         if (!turn.ok()) return work->asked.done(turn.error());
                         begin(std::move(work));
                       }});
}

void Roster::begin(WorkPtr work) {
  if (!work->asked.by_contact) return read(std::move(work));
  const middle::XmppAccount owner = work->asked.owner;
  host_.service->credentials(
      owner, [this, work = std::move(work)](Result<middle::Credentials> account) mutable {
        if (!account.ok()) return finish(std::move(work), account.error());
        read(std::move(work));
      });
}

// What the owner says is nearly always a change, and needs the whole roster; what a contact says
// often changes nothing, and is not to cost as much.
void Roster::read(WorkPtr work) {
  if (!work->asked.by_contact) return read_roster(std::move(work), &Roster::find);
  const middle::XmppAccount owner = work->asked.owner;
  const std::string contact = work->asked.contact;
  host_.service->get_roster_item(
      owner, contact,
      [this, work = std::move(work)](Result<std::optional<middle::RosterItem>> found) mutable {
        if (!found.ok()) return finish(std::move(work), found.error());
        change(std::move(work), found->value_or(middle::RosterItem()));
      });
}

void Roster::read_roster(WorkPtr work, Step then) {
  const middle::XmppAccount owner = work->asked.owner;
  host_.service->get_roster(owner, [this, then, work = std::move(work)](
                                       Result<std::vector<middle::RosterItem>> items) mutable {
    if (!items.ok()) return finish(std::move(work), items.error());
    work->items = std::move(*items);
    (this->*then)(std::move(work));
  });
}

void Roster::find(WorkPtr work) {
  middle::RosterItem found;
  for (const auto& item : *work->items)
    if (item.contact == work->asked.contact) found = item;
  change(std::move(work), std::move(found));
}

void Roster::change(WorkPtr work, middle::RosterItem item) {
  item.owner = work->asked.owner;
  item.contact = work->asked.contact;
  work->was_listed = item.version != 0 && is_listed(item);
  work->bytes_before = roster_item_bytes(item);
  work->edited.change = work->asked.change(item);
  const SubscriptionChange& change = work->edited.change;
  if (work->was_listed || change.push) item.subscription |= kSubscriptionListed;
  const bool is_new = item.version == 0;
  const bool is_over = is_empty(item);
  work->edited.item = std::move(item);
  if (!change.changed) return finish_well(std::move(work));
  if (is_over) return drop(std::move(work));
  if (!is_new && !change.push) return store(std::move(work));
  if (work->items) return weigh(std::move(work));
  read_roster(std::move(work), &Roster::weigh);
}

void Roster::weigh(WorkPtr work) {
  const std::vector<middle::RosterItem> items = std::move(*work->items);
  work->items.reset();
  if (is_full(*work, items))
    return finish(std::move(work), Error{ErrorCode::kResourceExhausted, "the roster is full"});
  work->others = 0;
  for (const auto& other : items)
    if (other.contact != work->edited.item.contact) work->others += roster_digest(other);
  store(std::move(work));
}

// Only what makes a roster grow is refused: a full one can still be changed. Requests of strangers
// have a limit of their own: they are not to take the owner's places. Two changes that come at once
// by two loops may both be the last.
bool Roster::is_full(const Work& work, const std::vector<middle::RosterItem>& items) const {
  const middle::RosterItem& item = work.edited.item;
  const bool listed = is_listed(item);
  std::int64_t count = 0;  // of others like it
  std::size_t bytes = roster_item_bytes(item);
  for (const auto& other : items) {
    if (other.contact == item.contact || is_listed(other) != listed) continue;
    ++count;
    bytes += roster_item_bytes(other);
  }
  const XmppConfig& config = host_.config;
  if (!listed) return item.version == 0 && count >= config.roster_requests_max;
  if (!work.was_listed && count >= config.roster_items_max) return true;
  const bool grows = !work.was_listed || roster_item_bytes(item) > work.bytes_before;
  return grows && bytes > static_cast<std::size_t>(config.roster_bytes_max);
}

void Roster::store(WorkPtr work) {
  const middle::RosterItem item = work->edited.item;
  host_.service->put_roster_item(item, [this, work = std::move(work)](
                                           Result<std::optional<std::uint64_t>> version) mutable {
    if (!version.ok()) return finish(std::move(work), version.error());
    if (!version->has_value()) {
      if (--work->tries > 0) return read(std::move(work));
      return finish(std::move(work), Error{ErrorCode::kUnavailable, "the roster changes too fast"});
    }
    Edited edited = std::move(work->edited);
    edited.item.version = **version;
    edited.version = roster_version(work->others + roster_digest(edited.item));
    finish(std::move(work), std::move(edited));
  });
}

// A request that was denied or taken back leaves nothing (RFC 6121 appendix A.2). The port removes
// whatever is there: what another loop stores in this very moment goes with it.
void Roster::drop(WorkPtr work) {
  const middle::XmppAccount owner = work->asked.owner;
  const std::string contact = work->asked.contact;
  host_.service->remove_roster_item(owner, contact,
                                    [this, work = std::move(work)](Result<bool> removed) mutable {
                                      if (!removed.ok())
                                        return finish(std::move(work), removed.error());
                                      finish_well(std::move(work));
                                    });
}

void Roster::finish_well(WorkPtr work) {
  Edited edited = std::move(work->edited);
  finish(std::move(work), std::move(edited));
}

void Roster::finish(WorkPtr work, Result<Edited> result) {
  work->asked.done(std::move(result));
  queue_.leave(work->asked.owner);
}

// ---- the push

void Roster::push(const Edited& edited) {
  if (edited.change.push && is_listed(edited.item)) push(edited.item, false, edited.version);
}

void Roster::push(const middle::RosterItem& item, bool removed, const std::string& version) {
  std::string out = "<iq type='set' id='push";
  out.append(hex_encode(host_.random().bytes(6)));
  out.append("'><query xmlns='jabber:iq:roster'");
  append_attribute("ver", version, out);
  out.push_back('>');
  append_roster_item(item, removed, out);
  middle::RouteRequest request;
  request.to = item.owner;
  request.mode = middle::RouteMode::kAllInterested;
  request.stanza = out.append("</query></iq>");
  host_.service->route(std::move(request), [](Result<middle::RouteReply>) {});
}

}  // namespace longwire::xmpp
