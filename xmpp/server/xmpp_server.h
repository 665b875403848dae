#pragma once

// XmppServer: the XMPP front end: listeners, connections and sessions on the loops given to it. A
// session lives on the loop that accepted it; a client that resumes one on another loop is led
// there with its connection.
//
// Life: make, start, stop (waits), destroy; the loops run from before start until after stop.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/environment.h"
#include "base/net/address.h"
#include "base/net/loop.h"
#include "base/net/tls.h"
#include "channels/channel.h"
#include "middle/middle.h"
#include "xmpp/session/config.h"

namespace longwire::xmpp {

// Fills the channels of one loop; called on it.
using FillChannels = std::function<void(channels::ChannelTable& table, Environment environment,
                                        middle::Service& service, middle::FollowHub& feeds)>;

// Sockets that listen already (net::listen_tcp).
struct XmppSockets {
  net::Descriptor plain;
  net::Descriptor secured;
};

struct XmppServerParts {
  std::vector<std::reference_wrapper<net::Loop>> loops;  // at least one
  middle::Middle& middle;
  Executor&
      keys;  // derives keys from passwords; runs what is posted before the server is destroyed
  net::CertificatePem certificate;
  FillChannels channels;
  std::vector<XmppSockets> sockets = {};  // one pair a loop; none: the configured addresses
};

// How a front end is left while others go on.
struct XmppDrain {
  std::chrono::milliseconds spread;  // from the first session told to go to the last
  // <reset/>: clients are wanted back at once, elsewhere; else <system-shutdown/>.
  bool come_back = false;
};

struct XmppAddresses {
  net::Address xmpp;   // STARTTLS
  net::Address xmpps;  // TLS at once
};

// Thread-safe, but for the loops' own threads: none of these may be called on them.
class XmppServer {
 public:
  virtual ~XmppServer() = default;
  // Listens and serves; the addresses with their real ports.
  virtual Result<XmppAddresses> start() = 0;
  // For connections from now on; those that are open keep theirs.
  virtual Status set_certificate(const net::CertificatePem& certificate) = 0;
  // Accepts nothing any more, and ends its sessions one after the other: each once what its client
  // sent is dealt with and what it was sent is acknowledged, or after two seconds. `done` is
  // called on one of the loops when none is left; then comes stop(). Once.
  virtual void drain(const XmppDrain& how, Callback<void> done) = 0;
  // Refuses new connections, ends every stream with <system-shutdown/>, waits a moment for what is
  // still to be sent, gives the links to the middle back. `done` is called on one of the loops.
  virtual void stop(Callback<void> done) = 0;
};

// `environment.executor` is not used; each loop is the executor of what runs on it.
Result<std::unique_ptr<XmppServer>> make_xmpp_server(const XmppConfig& config,
                                                     XmppServerParts parts,
                                                     Environment environment);

}  // namespace longwire::xmpp
