#pragma once

// Handlers: the programs outside that serve channels, on a thread of their own.

#include <cstdint>
#include <memory>
#include <string>

#include "base/environment.h"
#include "base/net/address.h"
#include "base/net/loop_thread.h"
#include "channels/handler/handler_hub.h"

namespace longwire::daemon {

class PushServer;

// kInvalidArgument: a place or an address that is none, or a push address that no handler could
// connect to.
Status check_handlers(const channels::HandlersConfig& config);

// From the main thread, which is no loop; all calls block, but for make_channels, which is for the
// front ends' loops.
class Handlers final {
 public:
  // `environment.executor` is not used. All that is given outlives it.
  static Result<std::unique_ptr<Handlers>> start(const channels::HandlersConfig& config,
                                                 const std::string& domain,
                                                 Environment environment);
  // Not before the front ends' loops have run what they had queued at the end of stop().
  ~Handlers();
  Handlers(const Handlers&) = delete;
  Handlers& operator=(const Handlers&) = delete;

  void make_channels(channels::ChannelTable& table, Environment environment) {
    hub_->make_channels(table, environment);
  }
  // Ends all connections. After the front ends whose channels it made; their loops still run. Once;
  // the destructor does it where it was not done.
  void stop();
  std::uint16_t push_port() const { return push_port_; }  // 0: nowhere

 private:
  Handlers() = default;

  net::LoopThread thread_{"handlers"};
  std::uint16_t push_port_ = 0;
  bool stopped_ = false;
  std::unique_ptr<channels::HandlerHub> hub_;  // bound to the thread, as the next
  std::unique_ptr<PushServer> push_server_;
};

}  // namespace longwire::daemon
