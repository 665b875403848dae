#include "tests/script/stage.h"

#include <utility>
#include <vector>

#include "base/encoding.h"

namespace longwire::test {

Actor::Actor(xmpp::SessionHost& host, bool secured) : host_(host), secured_(secured) {
  host_.addresses.connected(ip);
  stream_ = std::make_unique<xmpp::Stream>(host, *this, secured);
}

Actor::~Actor() {
  cut();
  host_.addresses.closed(ip, stream_->was_bound());
}

void Actor::cut() {
  stream_->on_closed();
  closed_ = true;
}

void Actor::send(std::string_view bytes) {
  if (closed_) return;
  if (reading_) {
    stream_->on_data(bytes);
  } else {
    unread_.append(bytes);
  }
}

void Actor::set_reading(bool reading) {
  reading_ = reading;
  if (!reading || unread_.empty()) return;
  // A socket would tell in its next turn.
  host_.environment.executor.post([this] {
    if (reading_ && !closed_) stream_->on_data(std::exchange(unread_, {}));
  });
}

void Actor::start_tls() {
  parse();
  secured_ = true;
  reader_.restart(true);
}

void Actor::parse() {
  const std::string bytes = std::exchange(incoming_, {});
  std::string_view rest = bytes;
  while (!rest.empty()) {
    // A new stream begins where the server says so: its header is no part of the old one.
    const std::size_t header = rest.find("<?xml", 1);
    const bool begins = rest.substr(0, 5) == "<?xml";
    if (begins) reader_.restart(true);
    reader_.feed(rest.substr(0, header));
    rest = header == std::string_view::npos ? std::string_view() : rest.substr(header);
    while (true) {
      const xmpp::Piece piece =
          reader_.next({.bytes = 1'000'000, .depth = 100, .elements = 100'000, .attributes = 100});
      if (piece == xmpp::Piece::kNone) break;
      std::string text;
      if (piece == xmpp::Piece::kHeader) text = "<stream>";
      if (piece == xmpp::Piece::kEnd) text = "</stream>";
      if (piece == xmpp::Piece::kError) text = "(not XML)";
      if (piece == xmpp::Piece::kStanza)
        append_element(reader_.element(), {.default_ns = "jabber:client"}, text);
      pieces_.push_back(text);
      if (piece == xmpp::Piece::kError || piece == xmpp::Piece::kEnd) break;
    }
  }
}

std::string Actor::next() {
  parse();
  if (pieces_.empty()) return {};
  std::string piece = std::move(pieces_.front());
  pieces_.pop_front();
  return piece;
}

// What the server's loop would be to the middle.
class Stage::Front final : public middle::FrontEnd {
 public:
  explicit Front(Stage& stage) : stage_(stage) {}
  void on_stanza(middle::RoutedStanza stanza) override {
    if (auto* session = stage_.host.sessions.find(stanza.to, stanza.resource))
      stage_.im.on_routed(*session, std::move(stanza));
  }
  void on_session_closed(middle::SessionClosed closed) override {
    if (auto* session = stage_.host.sessions.find(closed.account, closed.resource))
      session->end(xmpp::StreamError::kConflict);
  }
  void on_receiver_gone(middle::ReceiverGone gone) override {
    if (auto* session = stage_.host.sessions.find(gone.account, gone.resource))
      stage_.im.on_receiver_gone(*session);
  }
  void on_registration_changed(middle::RegistrationChanged changed) override {
    for (auto* session : stage_.host.sessions.of(changed.device))
      session->registration_changed(changed);
  }

 private:
  Stage& stage_;
};

Stage::Stage()
    : host{.config = config,
           .environment = {executor, clock, system_random(), null_log(), metrics},
           .node = middle::NodeId("stage"),
           .domain = config.domain,
           .unknown_secret = "secret",
           .addresses = addresses,
           .keys = executor,
           .metrics = xmpp::make_xmpp_metrics(metrics),
           .service = service.get(),
           .feeds = hub.get(),
           .channels = &channels},
      front_(std::make_unique<Front>(*this)) {
  host.handler = &im;
  middle.attach(host.node, *front_);
}

Stage::~Stage() {
  host.stopping = true;
  actors_.clear();
  settle();
}

void Stage::add_user(const std::string& name, const std::string& password) {
  middle::Credentials credentials;
  credentials.sha1 =
      xmpp::derive_scram_keys(xmpp::ScramHash::kSha1, password, "0123456789abcdef", 4096);
  credentials.sha256 =
      xmpp::derive_scram_keys(xmpp::ScramHash::kSha256, password, "0123456789abcdef", 4096);
  middle.add_user(name, std::move(credentials));
}

Actor& Stage::connect(const std::string& name, bool secured) {
  actors_.erase(name);
  auto& place = actors_[name];
  place = std::make_unique<Actor>(host, secured);
  return *place;
}

Actor& Stage::log_in(const std::string& name, const std::string& user, const std::string& password,
                     const std::string& resource) {
  constexpr std::string_view kHeader =
      "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams'>";
  using namespace std::string_literals;
  Actor& client = connect(name, true);
  client.send(kHeader);
  client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
              base64_encode("\0"s + user + "\0"s + password) + "</auth>");
  settle();
  client.send(kHeader);
  if (!resource.empty()) {
    client.send(
        "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        "<resource>" +
        resource + "</resource></bind></iq>");
  }
  settle();
  while (!client.next().empty()) {
  }
  return client;
}

void Stage::pass(std::chrono::milliseconds time) {
  executor.advance(time);
  const MonotonicTime now = clock.monotonic();
  for (auto& [name, actor] : actors_)
    if (!actor->stream().login_in_time(now))
      actor->stream().close(xmpp::StreamError::kConnectionTimeout);
  auto& handles = host.sessions.handles();
  for (std::size_t i = 0; i < handles.slot_count(); ++i) {
    xmpp::Session* session = handles.at_slot(i);
    if (session != nullptr && session->resumption_expired(now))
      session->end(xmpp::StreamError::kNone);
  }
  settle();
  for (Task& task : std::exchange(host.at_next_sweep, {})) task();
  settle();
}

}  // namespace longwire::test
