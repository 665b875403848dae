#include "tests/support/fake_service.h"

#include <algorithm>
#include <span>

namespace longwire::test {

namespace {
constexpr std::size_t kPageEntries = 8;
}

using middle::EntryPtr;
using middle::FeedId;
using middle::FeedNumber;
using middle::RouteMode;
using middle::RouteReply;
using middle::RouteRequest;
using middle::XmppAccount;

std::size_t FakeMiddle::archived(const std::string& account) const {
  const auto found = archives_.find("archive:" + account);
  return found == archives_.end() ? 0 : found->second.size();
}

FeedNumber FakeMiddle::cursor(const std::string& account) const {
  const auto found = cursors_.find(account);
  return found == cursors_.end() ? 0 : found->second;
}

void FakeMiddle::hold_archive(bool hold) {
  hold_archive_ = hold;
  if (hold) return;
  for (auto& [request, done] : std::exchange(held_, {})) {
    append(request);
    RouteReply reply;
    reply.number = archives_["archive:" + request.to.value()].size();
    done(reply);
  }
}

void FakeMiddle::hold_feeds(bool hold) {
  hold_feeds_ = hold;
  if (hold) return;
  for (const auto& [id, listener] : listeners_)
    executor_.post([this, id = id] { deliver_feed(id); });
}

void FakeMiddle::tell_others(const std::string& account, const std::string& except) {
  for (const auto& [key, session] : sessions_) {
    if (key.first != account || key.second == except) continue;
    executor_.post([this, node = session.node,
                    gone = middle::ReceiverGone{session.account, session.resource}] {
      front_ends_.at(node.value())->on_receiver_gone(gone);
    });
  }
}

std::vector<middle::SessionPresence> FakeMiddle::choose(const RouteRequest& request) const {
  std::vector<middle::SessionPresence> chosen;
  int best = 0;
  for (const auto& [key, session] : sessions_) {
    if (key.first != request.to.value()) continue;
    const bool wanted =
        (request.mode == RouteMode::kFullJid && key.second == request.resource) ||
        (request.mode == RouteMode::kAllAvailable && session.available) ||
        (request.mode == RouteMode::kAllWelcoming && session.available && session.priority >= 0) ||
        (request.mode == RouteMode::kAllInterested && session.wants_roster) ||
        (request.mode == RouteMode::kBareChat && session.available && session.priority >= best);
    if (!wanted) continue;
    if (request.mode == RouteMode::kBareChat && session.priority > best) chosen.clear();
    if (request.mode == RouteMode::kBareChat) best = session.priority;
    chosen.push_back(session);
  }
  return chosen;
}

void FakeMiddle::route_again() {
  RouteRequest request = last_for_archive_;
  request.repeated = true;
  deliver(request);
}

std::uint32_t FakeMiddle::deliver(const RouteRequest& request) {
  if (request.archive) last_for_archive_ = request;
  const auto chosen = choose(request);
  for (const auto& session : chosen) {
    middle::RoutedStanza stanza;
    stanza.to = request.to;
    stanza.resource = session.resource;
    if (request.archive) stanza.archived = request.id;
    stanza.stanza = request.stanza;
    stanza.by_feed = request.repeated;
    if (lose_routed_) continue;
    executor_.post([this, node = session.node, stanza = std::move(stanza)]() mutable {
      front_ends_.at(node.value())->on_stanza(std::move(stanza));
    });
  }
  return static_cast<std::uint32_t>(chosen.size());
}

void FakeMiddle::append(const RouteRequest& request) {
  const std::string feed = "archive:" + request.to.value();
  auto& entries = archives_[feed];
  auto entry = std::make_shared<middle::Entry>();
  entry->number = entries.size() + 1;
  entry->kind = middle::EntryKind::kChat;
  entry->id = request.id;
  entry->accepted = clock_.now();
  entry->body = request.stanza;
  entries.push_back(std::move(entry));
  for (const auto& [id, listener] : listeners_)
    if (listener.feed == feed) executor_.post([this, id = id] { deliver_feed(id); });
}

void FakeMiddle::deliver_feed(std::uint64_t subscription) {
  const auto found = listeners_.find(subscription);
  if (found == listeners_.end() || hold_feeds_) return;
  Listener& listener = found->second;
  const auto& entries = archives_[listener.feed];
  listener.head = entries.size();
  if (listener.paused) return;
  if (listener.after >= entries.size()) return;
  const std::size_t end = std::min<std::size_t>(entries.size(), listener.after + kPageEntries);
  const std::vector<EntryPtr> fresh(entries.begin() + static_cast<std::ptrdiff_t>(listener.after),
                                    entries.begin() + static_cast<std::ptrdiff_t>(end));
  listener.after = end;
  if (end < entries.size()) executor_.post([this, subscription] { deliver_feed(subscription); });
  const std::string feed = listener.feed;
  listener.listener->on_entries(middle::SubscriptionId{subscription}, FeedId(feed),
                                std::span<const EntryPtr>(fresh));
}

class FakeFollowHub final : public middle::FollowHub {
 public:
  explicit FakeFollowHub(FakeMiddle& middle) : middle_(middle) {}
  middle::SubscriptionId subscribe(FeedId feed, FeedNumber after,
                                   middle::FeedListener& listener) override {
    const std::uint64_t id = middle_.next_subscription_++;
    const FeedNumber head = middle_.archives_[feed.value()].size();
    middle_.listeners_[id] = {&listener, feed.value(), after, head, false};
    later(id);
    return middle::SubscriptionId{id};
  }
  void unsubscribe(middle::SubscriptionId subscription) override {
    middle_.listeners_.erase(static_cast<std::uint64_t>(subscription));
  }
  void pause(middle::SubscriptionId subscription) override {
    middle_.listeners_.at(static_cast<std::uint64_t>(subscription)).paused = true;
  }
  void resume(middle::SubscriptionId subscription) override {
    middle_.listeners_.at(static_cast<std::uint64_t>(subscription)).paused = false;
    later(static_cast<std::uint64_t>(subscription));
  }
  bool is_behind(middle::SubscriptionId subscription) const override {
    const auto& listener = middle_.listeners_.at(static_cast<std::uint64_t>(subscription));
    return middle_.hold_feeds_ || listener.after < listener.head;
  }

 private:
  void later(std::uint64_t id) {
    middle_.executor_.post([&middle = middle_, id] { middle.deliver_feed(id); });
  }
  FakeMiddle& middle_;
};

class FakeService final : public middle::Service {
 public:
  explicit FakeService(FakeMiddle& middle) : m_(middle) {}

  void credentials(XmppAccount account, Callback<middle::Credentials> done) override {
    const auto found = m_.users_.find(account.value());
    if (found == m_.users_.end()) return fail(std::move(done), ErrorCode::kNotFound);
    answer(std::move(done), found->second);
  }
  void open_session(middle::OpenSessionRequest request,
                    Callback<middle::OpenedSession> done) override {
    middle::SessionPresence session;
    session.account = request.account;
    session.resource = request.resource;
    session.node = request.node;
    const auto key = std::make_pair(request.account.value(), request.resource);
    const auto old = m_.sessions_.find(key);
    if (old != m_.sessions_.end() && old->second.node != request.node) close_elsewhere(old->second);
    m_.sessions_[key] = session;
    middle::OpenedSession opened;
    opened.incarnation = middle::Incarnation("0011223344556677");
    opened.number = ++m_.numbers_[request.account.value()];
    m_.sessions_[key].session = opened.number;
    opened.registrations = m_.registrations_[request.account.value()];
    answer(std::move(done), std::move(opened));
  }
  void keep_sessions(std::vector<middle::SessionPresence> sessions, Callback<void> done) override {
    for (const middle::SessionPresence& session : sessions)
      m_.sessions_[{session.account.value(), session.resource}] = session;
    answer(std::move(done));
  }
  void close_session(middle::OpenSessionRequest session, middle::SessionNumber number,
                     std::vector<middle::CursorMove> moves, Callback<void> done) override {
    const auto found = m_.sessions_.find({session.account.value(), session.resource});
    if (found != m_.sessions_.end() && found->second.session == number) m_.sessions_.erase(found);
    m_.closed_.push_back(session.account.value() + "/" + session.resource);
    acknowledge(std::move(moves), std::move(done));
    m_.tell_others(session.account.value(), session.resource);
  }
  void read_feed(middle::ReadRequest request, Callback<middle::FeedPage> done) override {
    middle::FeedPage page;
    const auto& entries = m_.archives_[request.feed.value()];
    page.tail = entries.size();
    for (std::size_t i = request.after; i < entries.size(); ++i) {
      if (page.entries.size() >= request.entries_max) break;
      page.entries.push_back(entries[i]);
    }
    answer(std::move(done), std::move(page));
  }
  void acknowledge(std::vector<middle::CursorMove> moves, Callback<void> done) override {
    for (const auto& move : moves) {
      auto& cursor = m_.cursors_[move.account.value()];
      cursor = std::max(cursor, move.number);
    }
    answer(std::move(done));
  }
  void route(RouteRequest request, Callback<RouteReply> done) override {
    if (m_.fail_routes_) return fail(std::move(done), ErrorCode::kUnavailable);
    if (m_.users_.count(request.to.value()) == 0)
      return fail(std::move(done), ErrorCode::kNotFound);
    RouteReply reply;
    reply.resources = m_.deliver(request);
    if (request.mode == RouteMode::kFullJid && reply.resources == 0 && request.else_account) {
      request.mode = RouteMode::kBareChat;
      reply.resources = m_.deliver(request);
    }
    if (request.mode == RouteMode::kFullJid && reply.resources == 0)
      return fail(std::move(done), ErrorCode::kNotFound);
    if (request.archive && m_.hold_archive_) {
      m_.held_.emplace_back(std::move(request), std::move(done));
      return;
    }
    if (request.archive) {
      m_.append(request);
      reply.number = m_.archived(request.to.value());
    }
    answer(std::move(done), reply);
  }
  void set_presence(middle::SessionPresence presence, Callback<void> done) override {
    const auto found = m_.sessions_.find({presence.account.value(), presence.resource});
    if (found != m_.sessions_.end()) {
      const bool ends = takes_chat(found->second) && !takes_chat(presence);
      found->second = presence;
      if (ends) m_.tell_others(presence.account.value(), presence.resource);
    }
    answer(std::move(done));
  }
  void presences(XmppAccount account,
                 Callback<std::vector<middle::SessionPresence>> done) override {
    std::vector<middle::SessionPresence> all;
    for (const auto& [key, session] : m_.sessions_)
      if (key.first == account.value()) all.push_back(session);
    answer(std::move(done), std::move(all));
  }
  void archive_cursor(XmppAccount account, Callback<FeedNumber> done) override {
    if (m_.fail_cursors_) return fail(std::move(done), ErrorCode::kUnavailable);
    answer(std::move(done), m_.cursor(account.value()));
  }
  void get_roster(XmppAccount owner, Callback<std::vector<middle::RosterItem>> done) override {
    std::vector<middle::RosterItem> items;
    for (const auto& [key, item] : m_.rosters_)
      if (key.first == owner.value()) items.push_back(item);
    answer(std::move(done), std::move(items));
  }
  void get_roster_item(XmppAccount owner, std::string contact,
                       Callback<std::optional<middle::RosterItem>> done) override {
    std::optional<middle::RosterItem> item;
    const auto found = m_.rosters_.find({owner.value(), contact});
    if (found != m_.rosters_.end()) item = found->second;
    answer(std::move(done), std::move(item));
  }
  void put_roster_item(middle::RosterItem item,
                       Callback<std::optional<std::uint64_t>> done) override {
    auto& stored = m_.rosters_[{item.owner.value(), item.contact}];
    std::optional<std::uint64_t> version;
    if (stored.version == item.version) {
      version = item.version + 1;
      stored = std::move(item);
      stored.version = *version;
    }
    answer(std::move(done), version);
  }
  void remove_roster_item(XmppAccount owner, std::string contact, Callback<bool> done) override {
    answer(std::move(done), m_.rosters_.erase({owner.value(), contact}) > 0);
  }

  // Nothing that a chat front end asks.
  void send(middle::SendRequest, Callback<middle::SendReply> done) override { no(std::move(done)); }
  void recall(middle::RecallRequest, Callback<void> done) override { no(std::move(done)); }
  void trace(middle::MessageId, Callback<middle::TraceReply> done) override { no(std::move(done)); }
  void create_app(std::string, middle::PackageName, Callback<middle::CreatedApp> done) override {
    no(std::move(done));
  }
  void list_apps(Callback<std::vector<middle::App>> done) override { no(std::move(done)); }
  void rotate_secret(middle::AppId, std::chrono::milliseconds,
                     Callback<std::string> done) override {
    no(std::move(done));
  }
  void find_app_by_secret(std::string, Callback<middle::App> done) override { no(std::move(done)); }
  void find_app_by_key(middle::AppId, middle::AppKey, Callback<middle::App> done) override {
    no(std::move(done));
  }
  void add_user(XmppAccount, std::string, Callback<void> done) override { no(std::move(done)); }
  void set_password(XmppAccount, std::string, Callback<void> done) override { no(std::move(done)); }
  void remove_user(XmppAccount, Callback<void> done) override { no(std::move(done)); }
  void list_users(XmppAccount, std::size_t, Callback<std::vector<XmppAccount>> done) override {
    no(std::move(done));
  }
  void create_device(middle::CreateDeviceRequest, Callback<middle::CreatedDevice> done) override {
    no(std::move(done));
  }
  void show_device(middle::DeviceId, Callback<middle::DeviceStatus> done) override {
    no(std::move(done));
  }
  void list_devices(middle::DeviceId, std::size_t,
                    Callback<std::vector<middle::DeviceId>> done) override {
    no(std::move(done));
  }
  void remove_device(middle::DeviceId, Callback<void> done) override { no(std::move(done)); }
  void kick_device(middle::DeviceId, Callback<void> done) override { no(std::move(done)); }
  void ban_device(middle::DeviceId, bool, Callback<void> done) override { no(std::move(done)); }
  void register_app(middle::RegisterRequest, Callback<middle::RegistrationView> done) override {
    no(std::move(done));
  }
  void unregister_app(middle::DeviceId, middle::RegId, Callback<void> done) override {
    no(std::move(done));
  }
  void set_alias(middle::NameChange, Callback<void> done) override { no(std::move(done)); }
  void unset_alias(middle::NameChange, Callback<void> done) override { no(std::move(done)); }
  void set_user_account(middle::NameChange, Callback<void> done) override { no(std::move(done)); }
  void unset_user_account(middle::NameChange, Callback<void> done) override { no(std::move(done)); }
  void subscribe(middle::NameChange, Callback<middle::RegistrationView> done) override {
    no(std::move(done));
  }
  void unsubscribe(middle::NameChange, Callback<middle::RegistrationView> done) override {
    no(std::move(done));
  }
  void show_registration(middle::RegId, Callback<middle::RegistrationView> done) override {
    no(std::move(done));
  }

 private:
  void close_elsewhere(const middle::SessionPresence& old) {
    middle::SessionClosed closed;
    closed.account = old.account;
    closed.resource = old.resource;
    m_.executor_.post([this, node = old.node, closed = std::move(closed)] {
      m_.front_ends_.at(node.value())->on_session_closed(closed);
    });
  }
  template <typename T>
  void answer(Callback<T> done, T value) {
    m_.executor_.post(
        [done = std::move(done), value = std::move(value)]() mutable { done(std::move(value)); });
  }
  void answer(Callback<void> done) {
    m_.executor_.post([done = std::move(done)]() mutable { done({}); });
  }
  template <typename T>
  void fail(Callback<T> done, ErrorCode code) {
    m_.executor_.post([done = std::move(done), code]() mutable { done(Error{code, "fake", {}}); });
  }
  template <typename T>
  void no(Callback<T> done) {
    fail(std::move(done), ErrorCode::kUnsupported);
  }

  FakeMiddle& m_;
};

std::unique_ptr<middle::Service> make_fake_service(FakeMiddle& middle) {
  return std::make_unique<FakeService>(middle);
}

std::unique_ptr<middle::FollowHub> make_fake_follow_hub(FakeMiddle& middle) {
  return std::make_unique<FakeFollowHub>(middle);
}

}  // namespace longwire::test
