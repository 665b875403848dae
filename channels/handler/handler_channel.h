#pragma once

// HandlerChannel: a handler's channel as one front-end loop serves it: what its sessions ask goes
// to the handler's link on the hub's loop, what the handler pushes to the sessions that have opened
// the channel. A session opens it by its first frame; until then it costs nothing, the handler is
// not told of it, and nothing can be pushed to it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "channels/channel.h"
#include "channels/handler/handler_hub.h"

namespace longwire::channels {

// Loop-bound to its door's loop.
class HandlerChannel final : public Channel {
 public:
  // Hub and link outlive it.
  HandlerChannel(HandlerHub& hub, HandlerLink& link, const HandlerPlace& place,
                 std::shared_ptr<HandlerDoor> door);
  // Requests under way are dropped: who asked is gone.
  ~HandlerChannel() override;

  std::string_view name() const override { return place_.channel; }
  std::uint32_t number() const override { return place_.number; }
  bool devices_only() const override { return false; }
  std::unique_ptr<ChannelHandler> open(ChannelSession& session,
                                       std::span<const middle::RegistrationView>) override;

  // To how many sessions it was written.
  std::int32_t push(const PushCall& call);

 private:
  class Side;
  struct Opened;
  struct Asked {
    std::shared_ptr<Opened> who;  // shared: an answer may come after its session's end
    FrameReply reply;             // empty: nobody waits
  };

  std::shared_ptr<Opened> opened(ChannelSession& session);
  void closed(Opened& session);
  void ask(const std::shared_ptr<Opened>& who, BytesView frame, FrameReply reply);
  void answer(std::uint64_t request, Result<Bytes> with);

  HandlerHub& hub_;
  HandlerLink& link_;  // of the hub's loop
  const HandlerPlace place_;
  const std::shared_ptr<HandlerDoor> door_;
  std::uint64_t last_request_ = 0;
  std::unordered_map<std::uint64_t, Asked> asked_;
  std::unordered_multimap<std::string, Opened*> by_account_;
};

}  // namespace longwire::channels
