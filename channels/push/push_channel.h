#pragma once

// The push channel (name "push", number 1) as one front-end loop serves it: registrations of apps
// on devices, and what their feeds hold. The exchanges are in docs/PROTOCOL.md.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/config.h"
#include "base/environment.h"
#include "channels/channel.h"
#include "middle/route/follow_hub.h"
#include "middle/service.h"

namespace longwire::channels {

struct PushConfig {
  std::chrono::milliseconds flush_interval{1000};  // acknowledgements reach the middle this late
  std::int64_t requests_in_flight_max = 8;         // per session; beyond: "try again"
  std::string cipher = "aes-128-gcm";              // or "chacha20-poly1305"
};
void declare_config(ConfigSchema& schema, PushConfig& config);

// Everything given outlives the channel, and the channel outlives its handlers. Loop-bound: calls,
// timers and the hub's entries all come on environment.executor.
std::unique_ptr<Channel> make_push_channel(const PushConfig& config, Environment environment,
                                           middle::Service& service, middle::FollowHub& hub);

}  // namespace longwire::channels
