#pragma once

// HandlerHub: the handlers of a process: a link to each, on a loop of their own; and what they
// push, to the front-end loops where the sessions are.
//
//   front-end loop: HandlerChannel --request--> hub's loop: HandlerLink --> the handler
//   front-end loop: HandlerChannel <--push----- hub's loop: PushCalls   <--

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/environment.h"
#include "channels/channel.h"
#include "channels/handler/handler_config.h"
#include "channels/handler/handler_link.h"

namespace longwire::channels {

class HandlerChannel;

// The way to a channel on its front-end loop; touched there only. Shared by tasks on their way
// between loops, which may outlive the channel.
struct HandlerDoor {
  Executor& loop;
  HandlerChannel* channel = nullptr;  // null: gone
};

// Loop-bound to environment.executor, but for make_channels.
class HandlerHub final {
 public:
  struct Parts {
    Environment environment;
    const HandlersConfig& config;
    std::vector<HandlerPlace> places;
    std::string domain;
    std::string push_address;  // empty: handlers cannot push
    // A dialler of each handler.
    std::function<HandlerDial(const HandlerPlace& place)> dial;
  };
  // All that is given outlives it.
  explicit HandlerHub(Parts parts);
  // After the channels.
  ~HandlerHub();
  HandlerHub(const HandlerHub&) = delete;
  HandlerHub& operator=(const HandlerHub&) = delete;

  void start();

  // A channel of each handler, for the loop `environment.executor`, on which it is called. They die
  // before the hub.
  void make_channels(ChannelTable& table, Environment environment);

  // What a handler asks for: see ChannelPush. `done` runs later.
  void push(PushCall call, Callback<std::int32_t> done);

  // For HandlerChannel; thread-safe.
  const HandlersConfig& config() const { return parts_.config; }
  Executor& executor() const { return parts_.environment.executor; }
  HandlerSessionKey next_session_key() { return last_key_.fetch_add(1) + 1; }

 private:
  struct Served;

  Served* by_key(const Bytes& key);
  void fan_out(Served& served, PushCall call, Callback<std::int32_t> done);

  const Parts parts_;
  std::vector<std::unique_ptr<Served>> served_;
  std::atomic<HandlerSessionKey> last_key_{0};
};

}  // namespace longwire::channels
