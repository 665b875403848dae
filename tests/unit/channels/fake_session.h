#pragma once

// A bound session of one device, for tests of channels.

#include <string>
#include <vector>

#include "channels/channel.h"

namespace longwire::channels {

class FakeSession final : public ChannelSession {
 public:
  struct Frame {
    std::string channel;
    Bytes bytes;
  };

  const middle::XmppAccount& account() const override { return name; }
  const std::string& resource() const override { return resource_name; }
  middle::SessionNumber number() const override { return session.number; }
  const middle::Incarnation& incarnation() const override { return session.incarnation; }
  bool is_device() const override { return true; }
  void send_frame(std::string_view channel, BytesView frame) override {
    frames.push_back({std::string(channel), Bytes(frame)});
    if (blocks_after != 0 && frames.size() >= blocks_after) is_blocked = true;
  }
  bool blocked() const override { return is_blocked; }

  middle::XmppAccount name{"d0001"};
  std::string resource_name = "phone";
  middle::OpenedSession session;
  std::vector<Frame> frames;
  bool is_blocked = false;
  std::size_t blocks_after = 0;  // becomes blocked with this many frames; 0: never
};

}  // namespace longwire::channels
