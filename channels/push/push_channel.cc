#include "channels/push/push_channel.h"

#include "base/check.h"
#include "channels/push/push_handler.h"
#include "channels/push/push_loop.h"

namespace longwire::channels {

namespace {

class PushChannel final : public Channel {
 public:
  PushChannel(const PushConfig& config, Environment environment, middle::Service& service,
              middle::FollowHub& hub, SealCipher cipher)
      : loop_(config, environment, service, hub, cipher) {}

  std::string_view name() const override { return kPushName; }
  std::uint32_t number() const override { return kPushNumber; }
  bool devices_only() const override { return true; }
  std::unique_ptr<ChannelHandler> open(
      ChannelSession& session, std::span<const middle::RegistrationView> registrations) override {
    return std::make_unique<PushHandler>(loop_, session, registrations);
  }

 private:
  PushLoop loop_;
};

}  // namespace

void declare_config(ConfigSchema& schema, PushConfig& config) {
  schema.add({.key = "push.flush_interval",
              .help = "How long acknowledgements are gathered before they are stored.",
              .min = 10,
              .max = 60'000},
             config.flush_interval);
  schema.add({.key = "push.requests_in_flight_max",
              .unit = "requests",
              .help = "Requests that one session may have unanswered.",
              .min = 1,
              .max = 1000},
             config.requests_in_flight_max);
  schema.add({.key = "push.cipher",
              .help = "What seals the bodies of pushes.",
              .choices = {"aes-128-gcm", "chacha20-poly1305"}},
             config.cipher);
}

std::unique_ptr<Channel> make_push_channel(const PushConfig& config, Environment environment,
                                           middle::Service& service, middle::FollowHub& hub) {
  const auto cipher = seal_cipher(std::string_view(config.cipher));
  CHECK(cipher.has_value());  // the schema lets no other name through
  return std::make_unique<PushChannel>(config, environment, service, hub, *cipher);
}

}  // namespace longwire::channels
