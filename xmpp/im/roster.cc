#include "xmpp/im/roster.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "xmpp/im/im.h"
#include "xmpp/im/im_state.h"
#include "xmpp/im/presence.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/protocol/namespaces.h"
#include "xmpp/protocol/xml_text.h"
#include "xmpp/session/session.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kNameBytesMax = 1023;
constexpr std::size_t kGroupsMax = 32;

// Where an answer goes when it comes later; the request's element is gone by then.
struct Asker {
  SessionHost* host;
  SessionHandle session;
  InboundToken token;
  std::string head;     // of the result
  std::string refusal;  // up to the error

  explicit Asker(const IqRequest& request)
      : host(&request.im.host()),
        session(request.session.handle()),
        token(request.token),
        head(result_head(request.iq)) {
    refusal = "<iq type='error'";
    append_attribute("id", request.iq.attribute_or_empty("id"), refusal);
    refusal.push_back('>');
  }
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
};

// RFC 6121 section 2.3.3 tells this from an item that cannot be taken.
bool names_a_group_twice(Element item) {
  std::vector<std::string> groups;
  for (Element child = item.first_child(); child; child = child.next())
    if (child.is("group", ns::kRoster)) groups.emplace_back(child.text());
  std::sort(groups.begin(), groups.end());
  return std::adjacent_find(groups.begin(), groups.end()) != groups.end();
}

// Empty: the item cannot be taken.
std::optional<middle::RosterItem> read_item(Element item, const middle::XmppAccount& owner) {
  middle::RosterItem wanted;
  wanted.owner = owner;
  const auto jid = parse_jid(item.attribute_or_empty("jid"));
  if (!jid) return std::nullopt;
  wanted.contact = jid->bare();
  wanted.name = item.attribute_or_empty("name");
  if (wanted.name.size() > kNameBytesMax) return std::nullopt;
  for (Element child = item.first_child(); child; child = child.next()) {
    if (!child.is("group", ns::kRoster)) continue;
    const std::string group(child.text());
    if (group.empty() || group.size() > kNameBytesMax || wanted.groups.size() >= kGroupsMax)
      return std::nullopt;
    wanted.groups.push_back(group);
  }
  return wanted;
}

}  // namespace

void append_roster_item(const middle::RosterItem& item, bool removed, std::string& out) {
  out.append("<item");
  append_attribute("jid", item.contact, out);
  if (!item.name.empty() && !removed) append_attribute("name", item.name, out);
  append_attribute("subscription", removed ? "remove" : subscription_name(item.subscription), out);
  if (item.ask && !removed) append_attribute("ask", "subscribe", out);
  out.push_back('>');
  if (!removed) {
    for (const std::string& group : item.groups) {
      out.append("<group>");
      append_escaped(group, out);
      out.append("</group>");
    }
  }
  out.append("</item>");
}

std::string roster_version(const std::vector<middle::RosterItem>& items) {
  std::vector<std::string> parts;
  for (const auto& item : items)
    if (is_listed(item)) parts.push_back(item.contact + ' ' + std::to_string(item.version));
  std::sort(parts.begin(), parts.end());
  ByteWriter writer;
  for (const std::string& part : parts) writer.string(part);
  ByteWriter hash;
  hash.u64(hash64(writer.bytes()));
  return hex_encode(hash.bytes());
}

void Roster::get(const IqRequest& request) {
  Session& session = request.session;
  ImState& state = need_im_state(session);
  state.wants_roster = true;
  presence_->announce(session, nullptr);
  const auto known = request.payload.attribute("ver");
  std::optional<std::string> version;
  if (known) version = std::string(*known);
  host_.service->get_roster(session.account(),
                            [asker = Asker(request), version = std::move(version)](
                                Result<std::vector<middle::RosterItem>> items) {
                              if (!items.ok())
                                return asker.refuse(stanza_error_of(items.error().code));
                              const std::string now = roster_version(*items);
                              if (version && *version == now) return asker.answer({});
                              std::string out = "<query xmlns='jabber:iq:roster'";
                              if (version) append_attribute("ver", now, out);
                              out.push_back('>');
                              for (const auto& item : *items)
                                if (is_listed(item)) append_roster_item(item, false, out);
                              asker.answer(out.append("</query>"));
                            });
}

void Roster::set(const IqRequest& request) {
  const Element item = request.payload.first_child();
  if (!item.is("item", ns::kRoster) || item.next() || names_a_group_twice(item))
    return answer_error(request, StanzaError::kBadRequest);
  auto wanted = read_item(item, request.session.account());
  if (!wanted) return answer_error(request, StanzaError::kNotAcceptable);
  if (wanted->contact == request.session.bare_jid())
    return answer_error(request, StanzaError::kNotAllowed);
  if (item.attribute_or_empty("subscription") == "remove")
    return remove_item(request, wanted->contact);
  set_item(request, std::move(*wanted));
}

void Roster::set_item(const IqRequest& request, middle::RosterItem wanted) {
  const middle::XmppAccount owner = wanted.owner;
  std::string contact = wanted.contact;
  edit(
      owner, std::move(contact),
      [wanted = std::move(wanted)](middle::RosterItem& item) {
        item.name = wanted.name;
        item.groups = wanted.groups;
        return SubscriptionChange{.changed = true, .push = true};
      },
      [this,
       asker = Asker(request)](Result<std::pair<SubscriptionChange, middle::RosterItem>> done) {
        if (!done.ok()) return asker.refuse(stanza_error_of(done.error().code));
        push(done->second, false);
        asker.answer({});
      });
}

void Roster::remove_item(const IqRequest& request, const std::string& contact) {
  const middle::XmppAccount owner = request.session.account();
  host_.service->get_roster_item(
      owner, contact,
      [this, asker = Asker(request), owner,
       contact](Result<std::optional<middle::RosterItem>> found) {
        if (!found.ok()) return asker.refuse(stanza_error_of(found.error().code));
        if (!found->has_value()) return asker.refuse(StanzaError::kItemNotFound);
        host_.service->remove_roster_item(
            owner, contact, [this, asker, item = **found](Result<bool> removed) {
              if (!removed.ok()) return asker.refuse(stanza_error_of(removed.error().code));
              push(item, true);
              presence_->contact_removed(item);
              asker.answer({});
            });
      });
}

void Roster::edit(middle::XmppAccount owner, std::string contact, Edit edit, Edited done) {
  this->edit({std::move(owner), std::move(contact), std::move(edit), std::move(done)});
}

void Roster::edit(Editing editing) {
  const middle::XmppAccount owner = editing.owner;
  const std::string contact = editing.contact;
  host_.service->get_roster_item(owner, contact,
                                 [this, editing = std::move(editing)](
                                     Result<std::optional<middle::RosterItem>> found) mutable {
                                   if (!found.ok()) return editing.done(found.error());
                                   middle::RosterItem item;
                                   if (found->has_value()) item = std::move(**found);
                                   item.owner = editing.owner;
                                   item.contact = editing.contact;
                                   change(std::move(editing), std::move(item));
                                 });
}

void Roster::change(Editing editing, middle::RosterItem item) {
  const SubscriptionChange changes = editing.change(item);
  if (!changes.changed) return editing.done(std::make_pair(changes, std::move(item)));
  if (item.version == 0) return add(std::move(editing), changes, std::move(item));
  store(std::move(editing), changes, std::move(item));
}

// Requests of strangers have a limit of their own: they are not to take the owner's places. Two
// that come at once may both be the last.
void Roster::add(Editing editing, const SubscriptionChange& changes, middle::RosterItem item) {
  const middle::XmppAccount owner = editing.owner;
  host_.service->get_roster(
      owner, [this, editing = std::move(editing), changes,
              item = std::move(item)](Result<std::vector<middle::RosterItem>> items) mutable {
        if (!items.ok()) return editing.done(items.error());
        const bool listed = is_listed(item);
        const auto like_it = std::count_if(items->begin(), items->end(), [&](const auto& other) {
          return is_listed(other) == listed;
        });
        const XmppConfig& config = host_.config;
        if (like_it >= (listed ? config.roster_items_max : config.roster_requests_max))
          return editing.done(Error{ErrorCode::kResourceExhausted, "the roster is full"});
        store(std::move(editing), changes, std::move(item));
      });
}

void Roster::store(Editing editing, const SubscriptionChange& changes, middle::RosterItem item) {
  const middle::RosterItem stored = item;
  host_.service->put_roster_item(
      stored, [this, editing = std::move(editing), changes,
               item = std::move(item)](Result<std::optional<std::uint64_t>> version) mutable {
        if (!version.ok()) return editing.done(version.error());
        if (version->has_value()) {
          item.version = **version;
          return editing.done(std::make_pair(changes, std::move(item)));
        }
        if (--editing.tries == 0)
          return editing.done(Error{ErrorCode::kUnavailable, "the roster changes too fast"});
        edit(std::move(editing));
      });
}

void Roster::push(const middle::RosterItem& item, bool removed) {
  if (!removed && !is_listed(item)) return;
  SessionHost& host = host_;
  host_.service->get_roster(
      item.owner, [&host, item, removed](Result<std::vector<middle::RosterItem>> items) {
        std::string out = "<iq type='set' id='push";
        out.append(hex_encode(host.random().bytes(6)));
        out.append("'><query xmlns='jabber:iq:roster'");
        if (items.ok()) append_attribute("ver", roster_version(*items), out);
        out.push_back('>');
        append_roster_item(item, removed, out);
        middle::RouteRequest request;
        request.to = item.owner;
        request.mode = middle::RouteMode::kAllInterested;
        request.stanza = out.append("</query></iq>");
        host.service->route(std::move(request), [](Result<middle::RouteReply>) {});
      });
}

}  // namespace longwire::xmpp
