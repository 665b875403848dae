#pragma once

// PushServer: the port at which handlers call push.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/net/listener.h"
#include "base/net/loop.h"
#include "channels/handler/handler_hub.h"

namespace longwire::daemon {

// Loop-bound to the hub's loop; loop and hub outlive it.
class PushServer final {
 public:
  PushServer(net::Loop& loop, channels::HandlerHub& hub);
  // Ends all connections.
  ~PushServer();
  PushServer(const PushServer&) = delete;
  PushServer& operator=(const PushServer&) = delete;

  void start(std::unique_ptr<net::Listener> listener);
  std::size_t connection_count() const { return connections_.size(); }

 private:
  class Served;

  void accept(net::Descriptor socket, net::Address peer);

  net::Loop& loop_;
  channels::HandlerHub& hub_;
  std::unique_ptr<net::Listener> listener_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Served>> connections_;
};

}  // namespace longwire::daemon
