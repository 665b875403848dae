#pragma once

// A bare XMPP client for load: direct TLS, SCRAM-SHA-256, bind. It splits stanzas by depth and
// hands them over as text; it does not parse what it need not. The salted password is computed once
// per account and kept, so that a login storm costs the client little; the server's work is the
// same.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/bench/load/engine.h"

namespace longwire::bench {

// What SCRAM needs again at the next login (RFC 5802): PBKDF2 is paid once.
struct ScramMemory {
  std::string salt;
  unsigned iterations = 0;
  std::string client_key;
  std::string stored_key;
};

struct Login {
  std::string user;
  std::string password;
  std::string domain;
  std::string resource;
  ScramMemory memory;
};

class XmppClient : public TlsClient {
 public:
  using StanzaFunction = std::function<void(XmppClient&, std::string_view)>;

  XmppClient(Engine& engine, Login login)
      : TlsClient(engine, "xmpp-client"), login_(std::move(login)) {}

  // `ready` runs after bind; `stanza` for every top-level element from then on; both may send.
  void start(std::uint16_t port, std::function<void(XmppClient&)> ready, StanzaFunction stanza);
  bool ready() const { return phase_ == Phase::kReady; }
  bool failed() const { return phase_ == Phase::kFailed; }
  const Login& login() const { return login_; }
  std::string bare_jid() const { return login_.user + "@" + login_.domain; }
  std::string full_jid() const { return bare_jid() + "/" + login_.resource; }

 private:
  enum class Phase {
    kIdle,
    kFeatures,
    kChallenge,
    kSuccess,
    kBindFeatures,
    kBound,
    kReady,
    kFailed
  };

  void on_connected() override;
  void on_bytes(std::string_view bytes) override;
  void on_closed() override;
  void open_stream();
  void on_element(std::string_view element);
  void send_auth();
  void answer_challenge(std::string_view element);
  std::size_t next_element(std::string_view text);  // length of the first whole one; 0: none yet

  Login login_;
  Phase phase_ = Phase::kIdle;
  std::string partial_;
  std::string nonce_;
  std::function<void(XmppClient&)> on_ready_;
  StanzaFunction on_stanza_;
};

}  // namespace longwire::bench
