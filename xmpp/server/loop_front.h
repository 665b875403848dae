#pragma once

// LoopFront: the front end of one loop: its listeners, connections, sessions, and its link to the
// middle. Inside of xmpp/server.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/net/listener.h"
#include "base/net/proxy_gate.h"
#include "xmpp/im/im.h"
#include "xmpp/server/socket_transport.h"
#include "xmpp/server/untold_owners.h"
#include "xmpp/server/xmpp_server.h"

namespace longwire::xmpp {

// What all loops share. Thread-safe.
struct SharedTls {
  // Shared: a reload replaces it while a loop makes a session from the old one.
  Guarded<std::shared_ptr<net::TlsContext>> context;
  std::unique_ptr<net::TlsSession> new_session();
};

class LoopFront;

// The way to a loop's front from elsewhere. The front itself is touched on its loop only; it is
// there from start to stop. Shared by tasks on their way between loops, which may outlive it.
struct LoopDoor {
  net::Loop& loop;
  std::unique_ptr<LoopFront> front;
};
using LoopDoors = std::vector<std::shared_ptr<LoopDoor>>;
// Runs `task` on the door's loop, if the front is still there. Thread-safe.
void post_to(const std::shared_ptr<LoopDoor>& door, std::function<void(LoopFront&)> task);

// Loop-bound.
class LoopFront final : public middle::FrontEnd, public HandOver, public TransportOwner {
 public:
  struct Parts {
    const XmppConfig& config;
    net::Loop& loop;
    middle::Middle& middle;
    Environment environment;  // of this loop
    const FillChannels& fill_channels;
    net::Networks proxies;
    AddressLimits& addresses;
    Executor& keys;
    SharedTls& tls;
    const LoopDoors& all;
    std::uint32_t index = 0;
    Bytes unknown_secret;
  };
  explicit LoopFront(Parts parts);
  ~LoopFront() override;

  void start(std::unique_ptr<net::Listener> plain, std::unique_ptr<net::Listener> secured);
  // As XmppServer::drain().
  void drain(const XmppDrain& how, Task done);
  // Ends every stream; `done` when all is sent, or after a while.
  void stop(Task done);

  // FrontEnd.
  void on_stanza(middle::RoutedStanza stanza) override;
  void on_session_closed(middle::SessionClosed closed) override;
  void on_receiver_gone(middle::ReceiverGone gone) override;
  void on_registration_changed(middle::RegistrationChanged changed) override;
  void on_owners_changed(const middle::OwnersChanged& changed) override;
  // HandOver.
  bool hand_over(Stream& stream, std::uint32_t loop_index) override;
  // TransportOwner.
  std::unique_ptr<net::TlsSession> new_tls_session() override { return parts_.tls.new_session(); }
  void transport_closed(SocketTransport& transport) override;

 private:
  struct Guest;  // a connection from another loop
  struct Drain;

  void open_gate(std::optional<net::ProxyGate>& gate, bool secured);
  void accept(net::Descriptor socket, net::Address peer, bool secured);
  SocketTransport& adopt(std::unique_ptr<SocketTransport> transport);
  void take_in(Guest guest);
  void schedule_sweep();
  void sweep();
  void sweep_logins(MonotonicTime now);
  void sweep_connections(MonotonicTime now);
  void sweep_sessions(MonotonicTime now);
  void await_stop(MonotonicTime until);
  void go_on_draining();
  void stop_draining();
  std::size_t untold() const;
  void tell_next_to_leave();
  void end_those_that_may_leave();
  void end_detached();
  net::ConnectionLimits connection_limits() const;

  Parts parts_;
  Logger log_;
  middle::MiddleLink link_;
  channels::ChannelTable channels_;
  SessionHost host_;
  Im im_;
  UntoldOwners untold_;
  std::optional<net::ProxyGate> plain_gate_;
  std::optional<net::ProxyGate> secured_gate_;
  std::unique_ptr<net::Listener> plain_;
  std::unique_ptr<net::Listener> secured_;
  std::vector<std::unique_ptr<SocketTransport>> transports_;  // by slot; null: free
  std::vector<std::uint32_t> free_slots_;
  std::size_t open_ = 0;
  // In order of their coming; all have the same time to log in.
  std::deque<std::pair<MonotonicTime, StreamHandle>> logins_;
  std::size_t next_slot_ = 0;
  std::size_t next_session_ = 0;
  TimerId sweep_timer_ = TimerId::kNone;
  TimerId stop_timer_ = TimerId::kNone;
  Task stopped_;
  std::unique_ptr<Drain> drain_;  // null: not draining
};

}  // namespace longwire::xmpp
