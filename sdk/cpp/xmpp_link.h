#pragma once

// XmppLink: one long connection at a time, by libstrophe: TLS with a verified certificate, SCRAM,
// XEP-0198 with resumption, and the push channel's frames on it. Knows nothing of what they say.
//
// Bound to the SDK's thread; events come from inside run().

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace longwire::sdk {

struct LinkSettings {
  std::string host;
  std::uint16_t port = 0;
  bool direct_tls = false;
  std::string ca_file;
  std::string device;
  std::string password;
  std::string domain;
};

enum class CloseReason : std::uint8_t {
  kLost,          // the network, or the server went away: come back
  kRefusedLogin,  // over a verified connection: no such account, or another password
  kDisabled,      // the account is banned; that may be lifted
  kConflict,      // a newer connection of the same account: do not come back
  kUntrusted,     // the server's certificate does not verify
};
struct LinkClosed {
  CloseReason reason = CloseReason::kLost;
  std::string text;
};

class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  virtual void on_link_open() = 0;  // logged in, bound or resumed
  virtual void on_link_closed(const LinkClosed& closed) = 0;
  virtual void on_link_frame(BytesView frame) = 0;
  virtual void on_link_reply(std::uint64_t request, Result<Bytes> reply) = 0;
};

class XmppLink final {
 public:
  explicit XmppLink(LinkEvents& events);
  ~XmppLink();
  XmppLink(const XmppLink&) = delete;
  XmppLink& operator=(const XmppLink&) = delete;

  // The link must be closed. on_link_open() or on_link_closed() follows from run(), or kUnavailable
  // at once.
  Status open(const LinkSettings& settings);
  // Ends the stream; on_link_closed() follows within seconds.
  void close();
  bool is_closed() const;

  void send_request(std::uint64_t request, BytesView frame);  // on_link_reply() follows
  void send_frame(BytesView frame);
  void send_ping(std::uint64_t request);  // likewise, with an empty reply

  // Waits for the network at most so long, and serves it.
  void run(std::chrono::milliseconds timeout);
  // The descriptor to wait on while the link is quiet; -1 where there is none.
  int descriptor() const;

  struct Strophe;  // for xmpp_link.cc alone

 private:
  std::unique_ptr<Strophe> strophe_;
};

}  // namespace longwire::sdk
