#include "channels/handler/handler_channel.h"

#include <utility>

namespace longwire::channels {
namespace {

constexpr std::chrono::milliseconds kBusyRetry{1'000};

HandlerPeer peer_of(const ChannelSession& session) {
  return {session.account().value(), session.resource(), session.is_device()};
}

}  // namespace

// A session that has opened the channel.
struct HandlerChannel::Opened {
  HandlerSessionKey key = 0;
  HandlerPeer peer;
  ChannelSession* session = nullptr;  // null: it has ended
  std::int64_t in_flight = 0;
};

class HandlerChannel::Side final : public ChannelHandler {
 public:
  Side(HandlerChannel& channel, ChannelSession& session) : channel_(channel), session_(session) {}
  ~Side() override {
    if (opened_) channel_.closed(*opened_);
  }
  void on_request(BytesView frame, FrameReply reply) override {
    open();
    channel_.ask(opened_, frame, std::move(reply));
  }
  // An empty one opens the channel and says no more.
  void on_frame(BytesView frame) override {
    open();
    if (!frame.empty()) channel_.ask(opened_, frame, nullptr);
  }

 private:
  void open() {
    if (!opened_) opened_ = channel_.opened(session_);
  }

  HandlerChannel& channel_;
  ChannelSession& session_;
  std::shared_ptr<Opened> opened_;  // shared with its requests; null: not opened
};

HandlerChannel::HandlerChannel(HandlerHub& hub, HandlerLink& link, const HandlerPlace& place,
                               std::shared_ptr<HandlerDoor> door)
    : hub_(hub), link_(link), place_(place), door_(std::move(door)) {
  door_->channel = this;
}

HandlerChannel::~HandlerChannel() { door_->channel = nullptr; }

std::unique_ptr<ChannelHandler> HandlerChannel::open(ChannelSession& session,
                                                     std::span<const middle::RegistrationView>) {
  return std::make_unique<Side>(*this, session);
}

std::shared_ptr<HandlerChannel::Opened> HandlerChannel::opened(ChannelSession& session) {
  auto opened = std::make_shared<Opened>(
      Opened{.key = hub_.next_session_key(), .peer = peer_of(session), .session = &session});
  by_account_.emplace(opened->peer.account, opened.get());
  return opened;
}

void HandlerChannel::closed(Opened& session) {
  session.session = nullptr;
  const auto [first, last] = by_account_.equal_range(session.peer.account);
  for (auto it = first; it != last; ++it) {
    if (it->second != &session) continue;
    by_account_.erase(it);
    break;
  }
  hub_.executor().post(
      [&link = link_, key = session.key, peer = session.peer] { link.disconnected(key, peer); });
}

void HandlerChannel::ask(const std::shared_ptr<Opened>& who, BytesView frame, FrameReply reply) {
  const auto refuse = [&](Error error) {
    if (reply) reply(std::move(error));
  };
  if (frame.size() > static_cast<std::size_t>(hub_.config().frame_bytes_max))
    return refuse({ErrorCode::kResourceExhausted, "the frame is too long", {}});
  if (who->in_flight >= hub_.config().requests_in_flight_max)
    return refuse({ErrorCode::kResourceExhausted, "too many requests wait", kBusyRetry});
  ++who->in_flight;
  const std::uint64_t request = ++last_request_;
  HandlerRequest call{
      .peer = who->peer, .payload = Bytes(frame), .wants_reply = static_cast<bool>(reply)};
  asked_.emplace(request, Asked{who, std::move(reply)});
  hub_.executor().post(
      [&link = link_, key = who->key, call = std::move(call), door = door_, request]() mutable {
        link.call(key, std::move(call), [door = std::move(door), request](Result<Bytes> with) {
          door->loop.post([door, request, with = std::move(with)]() mutable {
            if (door->channel != nullptr) door->channel->answer(request, std::move(with));
          });
        });
      });
}

void HandlerChannel::answer(std::uint64_t request, Result<Bytes> with) {
  const auto found = asked_.find(request);
  if (found == asked_.end()) return;
  Asked asked = std::move(found->second);
  asked_.erase(found);
  --asked.who->in_flight;
  // Also where the session has ended: what it asked is then dealt with.
  if (asked.reply) asked.reply(std::move(with));
}

std::int32_t HandlerChannel::push(const PushCall& call) {
  std::int32_t reached = 0;
  const auto [first, last] = by_account_.equal_range(call.account);
  for (auto it = first; it != last; ++it) {
    const Opened& opened = *it->second;
    if (!call.resource.empty() && call.resource != opened.peer.resource) continue;
    // A peer that does not read, or is not there now, gets nothing queued.
    if (opened.session->blocked()) continue;
    opened.session->send_frame(name(), call.payload);
    ++reached;
  }
  return reached;
}

}  // namespace longwire::channels
