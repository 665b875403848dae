// Every call, answer and stream is bytes on their way between two channels.

#include <memory>
#include <utility>

#include "middle/remote/node_server.h"
#include "middle/remote/remote_link.h"
#include "tests/unit/middle/reach.h"

namespace longwire::middle {

namespace {

// Bytes that a later turn hands to the other end.
class Pipe final : public remote::Wire {
 public:
  explicit Pipe(Executor& loop) : loop_(loop) {}
  ~Pipe() override { *alive_ = false; }
  void lead_to(remote::Channel& channel) { channel_ = &channel; }
  void write(BytesView bytes) override {
    loop_.post([this, alive = alive_, sent = Bytes(bytes)] {
      if (*alive) CHECK(channel_->feed(sent).ok());
    });
  }

 private:
  Executor& loop_;
  remote::Channel* channel_ = nullptr;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Both ends and what is between them.
struct World {
  World(MiddleTier& middle, const Environment& environment, std::uint16_t partitions,
        FrontEnd* front_end)
      : to_client(environment.executor),
        to_server(environment.executor),
        server(environment, {}, to_client, middle, partitions),
        node(environment, {}, to_server, front_end) {
    to_client.lead_to(node.channel());
    to_server.lead_to(server.channel());
  }
  Pipe to_client;
  Pipe to_server;
  remote::NodeServer server;
  remote::RemoteNode node;
};

}  // namespace

MiddleLink reach(MiddleTier& middle, const Environment& environment, const NodeId& node,
                 FrontEnd* front_end, std::uint16_t partitions) {
  const auto world = std::make_shared<World>(middle, environment, partitions, front_end);
  world->node.greet(node, [partitions](const Result<wire::Welcome>& welcome) {
    CHECK(welcome.ok() && welcome->partitions == partitions);
  });
  return remote::make_remote_link({world, &world->node}, node, partitions, environment, {});
}

}  // namespace longwire::middle
