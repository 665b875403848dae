#pragma once

// A stage for conversations: the XMPP front end of one loop over pipes, on a FakeMiddle and a clock
// that stands still, and clients that hold the other ends.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "channels/channel.h"
#include "tests/support/fake_service.h"
#include "tests/support/manual_executor.h"
#include "xmpp/im/im.h"
#include "xmpp/protocol/stream_reader.h"
#include "xmpp/session/session.h"
#include "xmpp/session/stream.h"

namespace longwire::test {

// The client's end of a connection: what the server wrote, piece by piece. Loop-bound.
class Actor final : public xmpp::Transport {
 public:
  Actor(xmpp::SessionHost& host, bool secured);
  ~Actor() override;

  void send(std::string_view bytes);
  // The connection breaks: nobody says goodbye.
  void cut();
  bool closed_by_server() const { return closed_; }
  bool secured() const { return secured_; }
  xmpp::Stream& stream() { return *stream_; }

  // The next piece as text: "<stream>", "</stream>", "" (nothing came), or a stanza, written anew.
  std::string next();
  void stop_reading(bool stopped) { blocked_ = stopped; }

  // Transport.
  void write(BytesView bytes) override { incoming_.append(bytes); }
  void start_tls() override;
  xmpp::ChannelBindings channel_bindings() override { return bindings; }
  void close() override { closed_ = true; }
  void set_reading(bool reading) override;
  bool blocked() const override { return blocked_; }
  const std::string& peer_ip() const override { return ip; }

  std::string ip = "127.0.0.1";
  xmpp::ChannelBindings bindings;

 private:
  void parse();

  xmpp::XmlEngine engine_;
  xmpp::StreamReader reader_{engine_};
  xmpp::SessionHost& host_;
  std::unique_ptr<xmpp::Stream> stream_;
  std::string incoming_;
  std::string unread_;  // sent while the server does not read
  std::deque<std::string> pieces_;
  bool reading_ = true;
  bool closed_ = false;
  bool secured_;
  bool blocked_ = false;
};

// Loop-bound.
class Stage final {
 public:
  Stage();
  ~Stage();

  void add_user(const std::string& name, const std::string& password);
  // Connects; the name is the actor's.
  Actor& connect(const std::string& actor, bool secured);
  Actor& actor(const std::string& name) { return *actors_.at(name); }
  bool has(const std::string& name) const { return actors_.count(name) > 0; }
  void drop(const std::string& name) { actors_.erase(name); }
  // From the connection to a bound session with the resource, everything read.
  Actor& log_in(const std::string& actor, const std::string& user, const std::string& password,
                const std::string& resource);
  void settle() { executor.run_until_idle(); }
  // What the sweeper of a server would do at this time.
  void pass(std::chrono::milliseconds time);

  ManualClock clock;
  ManualExecutor executor{clock};
  FakeMiddle middle{executor, clock};
  Metrics metrics;
  xmpp::XmppConfig config;
  xmpp::AddressLimits addresses{config, clock};
  std::unique_ptr<middle::Service> service = make_fake_service(middle);
  std::unique_ptr<middle::FollowHub> hub = make_fake_follow_hub(middle);
  channels::ChannelTable channels;
  xmpp::SessionHost host;
  xmpp::Im im{host};

 private:
  class Front;
  std::unique_ptr<Front> front_;
  std::map<std::string, std::unique_ptr<Actor>> actors_;
};

}  // namespace longwire::test
