#include "channels/echo/echo_channel.h"

#include <utility>

#include "channels/codec/compact.h"
#include "channels/idl/echo_types.h"

namespace longwire::channels {

namespace {

constexpr std::string_view kName = "echo";
constexpr std::uint32_t kNumber = 2;

Result<Bytes> echo(BytesView frame) {
  auto request = decode_compact<wire::EchoRequest>(frame, kFromClient);
  if (!request.ok()) return request.error();
  wire::EchoReply reply;
  reply.data = std::move(request->data);
  return encode_compact(reply);
}

class EchoHandler final : public ChannelHandler {
 public:
  explicit EchoHandler(ChannelSession& session) : session_(session) {}
  void on_request(BytesView frame, FrameReply reply) override { reply(echo(frame)); }
  void on_frame(BytesView frame) override {
    // A peer that does not read gets no more of its own data queued.
    if (session_.blocked()) return;
    if (auto answer = echo(frame); answer.ok()) session_.send_frame(kName, *answer);
  }

 private:
  ChannelSession& session_;
};

class EchoChannel final : public Channel {
 public:
  std::string_view name() const override { return kName; }
  std::uint32_t number() const override { return kNumber; }
  bool devices_only() const override { return false; }
  std::unique_ptr<ChannelHandler> open(ChannelSession& session,
                                       std::span<const middle::RegistrationView>) override {
    return std::make_unique<EchoHandler>(session);
  }
};

}  // namespace

std::unique_ptr<Channel> make_echo_channel() { return std::make_unique<EchoChannel>(); }

}  // namespace longwire::channels
