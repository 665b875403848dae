#include "tests/script/echo.h"

#include <utility>

namespace longwire::test {
namespace {

class EchoHandler final : public channels::ChannelHandler {
 public:
  explicit EchoHandler(channels::ChannelSession& session) : session_(session) {}
  void on_request(BytesView frame, channels::FrameReply reply) override {
    if (frame == "fail") return reply(Error{ErrorCode::kResourceExhausted, "enough", {}});
    reply(Bytes(frame));
  }
  void on_frame(BytesView frame) override { session_.send_frame("echo", frame); }
  void on_resumed() override { session_.send_frame("echo", "resumed"); }

 private:
  channels::ChannelSession& session_;
};

class EchoChannel final : public channels::Channel {
 public:
  explicit EchoChannel(bool devices_only) : devices_only_(devices_only) {}
  std::string_view name() const override { return devices_only_ ? "machines" : "echo"; }
  std::uint32_t number() const override { return devices_only_ ? 3 : 2; }
  bool devices_only() const override { return devices_only_; }
  std::unique_ptr<channels::ChannelHandler> open(
      channels::ChannelSession& session, std::span<const middle::RegistrationView>) override {
    return std::make_unique<EchoHandler>(session);
  }

 private:
  bool devices_only_;
};

}  // namespace

std::unique_ptr<channels::Channel> make_script_echo() {
  return std::make_unique<EchoChannel>(false);
}
std::unique_ptr<channels::Channel> make_script_machines() {
  return std::make_unique<EchoChannel>(true);
}

}  // namespace longwire::test
