#pragma once

// Channels: business protocols carried on a connection, each named and numbered, its payload a
// Thrift struct (compact protocol). A front end knows a table of channels and nothing of what they
// say.
//
// On an XML stream a request is <iq type='set' to='<name>.<domain>'><frame
// xmlns='urn:longwire:channel:1'> base64</frame></iq> and its result; a push, and an
// acknowledgement, is a <message type='headline'> with the same element. Slim carries the same
// frames in binary. Channels cannot tell.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/environment.h"
#include "base/function.h"
#include "middle/middle.h"

namespace longwire::channels {

// One bound session (a resource of an account), as channels see it. Loop-bound.
class ChannelSession {
 public:
  virtual ~ChannelSession() = default;
  virtual const middle::XmppAccount& account() const = 0;
  virtual const std::string& resource() const = 0;
  virtual middle::SessionNumber number() const = 0;  // see middle::OpenedSession, as the next
  virtual const middle::Incarnation& incarnation() const = 0;
  virtual bool is_device() const = 0;
  // Writes a frame to the peer, towards it only; gathered and sent at the end of the loop's turn.
  // Lost if the connection is: channels that must not lose keep what they need (feeds do).
  virtual void send_frame(std::string_view channel, BytesView frame) = 0;
  // True while the connection's write buffer is above its high mark, or the session is detached
  // (waiting for a resumption): stop producing until on_writable().
  virtual bool blocked() const = 0;
};

using FrameReply = Callback<Bytes>;  // an Error becomes the stanza error of the same code

// A channel's side of one session. Destroyed when the session ends. Loop-bound.
class ChannelHandler {
 public:
  virtual ~ChannelHandler() = default;
  // A request; answered once, later or at once. Views do not outlive the call.
  virtual void on_request(BytesView frame, FrameReply reply) = 0;
  // A frame without answer (an acknowledgement).
  virtual void on_frame(BytesView frame) = 0;
  virtual void on_writable() {}  // blocked() became false
  virtual void on_resumed() {
  }  // XEP-0198: a new connection, the same session; frames may have been lost
  // A registration of this device was changed from outside.
  virtual void on_registration_changed(const middle::RegistrationChanged& change) { (void)change; }
  // Cursor moves not yet handed to the middle: taken once, when the session ends.
  virtual std::vector<middle::CursorMove> take_moves() { return {}; }
};

// A channel as one front-end loop serves it. Loop-bound.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual std::string_view name()
      const = 0;                             // first label of its address: "push" for push.<domain>
  virtual std::uint32_t number() const = 0;  // on slim
  virtual bool devices_only() const = 0;
  // After bind; the session outlives the handler. `registrations`: the device's, which the handler
  // copies what it needs of: a session keeps none.
  virtual std::unique_ptr<ChannelHandler> open(
      ChannelSession& session, std::span<const middle::RegistrationView> registrations) = 0;
};

// The channels of one loop, by name. Built in daemon/.
class ChannelTable final {
 public:
  void add(std::unique_ptr<Channel> channel) { channels_.push_back(std::move(channel)); }
  // Null: no such channel.
  Channel* find(std::string_view name) const {
    for (const auto& channel : channels_)
      if (channel->name() == name) return channel.get();
    return nullptr;
  }
  const std::vector<std::unique_ptr<Channel>>& all() const { return channels_; }

 private:
  std::vector<std::unique_ptr<Channel>> channels_;
};

}  // namespace longwire::channels
