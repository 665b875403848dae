#pragma once

// SaslServer: one login attempt, whatever its mechanism: what is offered, what comes next. Pure:
// the look-up of an account, and what takes long, are the caller's, between two calls.
//
// An unknown account gets a salt made from the server's secret and its name: the same each time,
// of the same form as a real one; the exchange then goes its whole way and fails as a wrong
// password does. So does a banned one until its proof is right.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "middle/model/registry.h"
#include "xmpp/sasl/scram.h"

namespace longwire::xmpp {

// Mechanism names to announce, strongest first.
std::vector<std::string_view> sasl_mechanisms(const ChannelBindings& bindings);
// XEP-0440 names of the channel binding types that work here.
std::vector<std::string_view> channel_binding_types(const ChannelBindings& bindings);

struct SaslNeedsCredentials {
  std::string account;  // prepared localpart; never empty
};
struct SaslChallenge {
  Bytes data;
};
struct SaslSuccess {
  std::string account;
  Bytes data;  // additional data; may be empty
};
struct SaslNeedsKeys {  // PLAIN
  ScramHash hash = ScramHash::kSha256;
  std::string password;
  Bytes salt;
  std::uint32_t iterations = 0;
};
// What that asks for: milliseconds of work, on any thread. Wipes the password.
middle::ScramKeys derive_keys(SaslNeedsKeys needs);

using SaslStep =
    std::variant<SaslNeedsCredentials, SaslNeedsKeys, SaslChallenge, SaslSuccess, SaslFailure>;

// Loop-bound. After SaslSuccess or SaslFailure it is used up.
class SaslServer final {
 public:
  struct Options {
    std::string_view domain;   // of accounts; outlives the attempt
    BytesView unknown_secret;  // for the made-up salts; outlives the attempt
    ChannelBindings bindings = {};
  };
  SaslServer(Options options, Random& random) : options_(std::move(options)), random_(random) {}

  SaslStep start(std::string_view mechanism, std::optional<Bytes> initial_response);
  // The answer to SaslNeedsCredentials; empty: no such account.
  SaslStep credentials(std::optional<middle::Credentials> credentials);
  // The answer to SaslNeedsKeys.
  SaslStep keys(const middle::ScramKeys& derived);
  SaslStep respond(BytesView data);

 private:
  enum class State : std::uint8_t {
    kStart,
    kWantsFirst,
    kWantsCredentials,
    kWantsKeys,
    kWantsFinal,
    kDone
  };

  SaslStep first_message(BytesView data);
  SaslStep plain_message(BytesView data);
  SaslStep need(std::string_view username, std::string_view authzid);
  SaslStep fail(SaslFailure failure);
  middle::ScramKeys made_up_keys() const;

  Options options_;
  Random& random_;
  State state_ = State::kStart;
  ScramHash hash_ = ScramHash::kSha256;
  std::optional<ScramServer> scram_;  // empty: PLAIN
  std::string password_;              // PLAIN only, until it is handed on
  Bytes stored_key_;                  // PLAIN only: what the password's has to be
  std::string account_;
  bool known_ = false;
  bool banned_ = false;
};

}  // namespace longwire::xmpp
