// What another process of the tiers sends: calls of every kind, answers, oneways, cut and framed as
// they come. Whatever it is, it is carried out, answered as wrong, or ends the channel.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "middle/remote/channel.h"
#include "middle/remote/remote_service.h"
#include "middle/remote/service_server.h"
#include "tests/support/manual_executor.h"

namespace {

namespace middle = longwire::middle;
namespace remote = longwire::middle::remote;

struct Nowhere final : remote::Wire {
  void write(longwire::BytesView bytes) override { CHECK(bytes.size() > 4); }
};

// Serves every call by another channel, which leads nowhere: arguments are read and written again.
struct Serving final : remote::ChannelHandler {
  void on_message(remote::IncomingMessage& message) override {
    if (message.head().kind == remote::MessageKind::kOneway)
      return remote::serve_oneway(*peers, message);
    if (message.head().kind != remote::MessageKind::kCall) return;
    remote::serve_call(
        {*service, *peers, address_next}, message,
        [](remote::OutgoingMessage reply) { CHECK(std::move(reply).take().size() > 4); });
  }
  std::unique_ptr<middle::Service> service;
  std::unique_ptr<middle::PeerService> peers;
  const remote::AddressNext address_next = [](const std::optional<middle::PartitionClaim>&) {};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  longwire::test::ManualClock clock;
  longwire::test::ManualExecutor loop(clock);
  Nowhere nowhere;
  Serving nobody;
  remote::ChannelLimits limits;
  limits.wire = {.bytes_max = 2048, .string_max = 512, .items_max = 64};
  Serving serving;
  const auto away = std::make_shared<remote::Channel>(loop, clock, limits, nowhere, nobody);
  serving.service = remote::make_remote_service(away);
  serving.peers = remote::make_remote_peers(away);
  remote::Channel channel(loop, clock, limits, nowhere, serving);
  channel.call(
      "archiveCursor", [](remote::OutgoingMessage&) {},
      [](longwire::Result<remote::IncomingMessage*> answer) {
        if (answer.ok()) (void)(*answer)->answer<middle::FeedNumber>().ok();
      });
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    if (!channel.feed(bytes.substr(at, 7)).ok()) break;
  }
  loop.run_until_idle();
  return 0;
}
