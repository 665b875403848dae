// Every call and answer is bytes on their way between two channels.

#include <memory>
#include <utility>

#include "middle/remote/channel.h"
#include "middle/remote/remote_service.h"
#include "middle/remote/service_server.h"
#include "tests/unit/middle/reach.h"

namespace longwire::middle {
namespace {

using remote::Channel;
using remote::IncomingMessage;
using remote::OutgoingMessage;

// Bytes that a later turn hands to the other end.
class Pipe final : public remote::Wire {
 public:
  explicit Pipe(Executor& loop) : loop_(loop) {}
  ~Pipe() override { *alive_ = false; }
  void lead_to(Channel& channel) { channel_ = &channel; }
  void write(BytesView bytes) override {
    loop_.post([this, alive = alive_, sent = Bytes(bytes)] {
      if (*alive) CHECK(channel_->feed(sent).ok());
    });
  }

 private:
  Executor& loop_;
  Channel* channel_ = nullptr;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class NoCalls final : public remote::ChannelHandler {
 public:
  void on_message(IncomingMessage& message) override { CHECK(message.head().name.empty()); }
};

// The middle's process.
class Server final : public remote::ChannelHandler {
 public:
  Server(std::unique_ptr<Service> service, Environment environment, remote::Wire& to_client)
      : channel_(environment.executor, environment.clock, {}, to_client, *this),
        service_(std::move(service)) {}
  Channel& channel() { return channel_; }
  void on_message(IncomingMessage& message) override {
    remote::serve_call(*service_, message,
                       [this](OutgoingMessage answer) { channel_.reply(std::move(answer)); });
  }

 private:
  Channel channel_;
  std::unique_ptr<Service> service_;  // last: after its end it answers nothing
};

// Both ends and what is between them.
struct World {
  World(std::unique_ptr<Service> service, Environment environment)
      : to_client(environment.executor),
        to_server(environment.executor),
        server(std::move(service), environment, to_client),
        client(environment.executor, environment.clock, {}, to_server, no_calls) {
    to_client.lead_to(client);
    to_server.lead_to(server.channel());
  }
  NoCalls no_calls;
  Pipe to_client;
  Pipe to_server;
  Server server;
  Channel client;
};

}  // namespace

MiddleLink reach(MiddleLink link, Environment environment) {
  const auto world = std::make_shared<World>(std::move(link.service), environment);
  link.service = remote::make_remote_service({world, &world->client});
  return link;
}

}  // namespace longwire::middle
