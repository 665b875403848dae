#pragma once

// SCRAM (RFC 5802, RFC 7677, RFC 9266), the server's side, as a pure calculation: messages in,
// messages out. No clock, no socket, no look-up.
//
//   client-first = gs2-header "n=" name ",r=" nonce        gs2-header = ("n" / "y" / "p=" type) ","
//                                                                       ["a=" authzid] ","
//   server-first = "r=" nonce nonce' ",s=" base64(salt) ",i=" iterations
//   client-final = "c=" base64(gs2-header [binding]) ",r=" nonces ",p=" base64(proof)
//   server-final = "v=" base64(signature)

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "middle/model/registry.h"

namespace longwire::xmpp {

enum class ScramHash : std::uint8_t { kSha1, kSha256 };
std::size_t scram_key_size(ScramHash hash);
// The keys of a password, as accounts are stored with; `password` is prepared already.
middle::ScramKeys derive_scram_keys(ScramHash hash, std::string_view password, Bytes salt,
                                    std::uint32_t iterations);

// The proof that a client which knows the password sends for `auth_message`: for tests and tools.
Bytes scram_client_proof(ScramHash hash, std::string_view password, const Bytes& salt,
                         std::uint32_t iterations, std::string_view auth_message);

// What the connection underneath can prove; empty where it cannot.
struct ChannelBindings {
  Bytes exporter = {};  // tls-exporter
  // tls-unique: neither announced nor counted among what works, since TLS 1.3 does not define it;
  // but verified for clients that know no other (slixmpp 1.8).
  Bytes unique = {};
  Bytes end_point = {};  // tls-server-end-point
  bool any() const { return !exporter.empty() || !end_point.empty(); }
};

// RFC 6120 section 6.5.
enum class SaslFailure : std::uint8_t {
  kAborted,
  kAccountDisabled,
  kEncryptionRequired,
  kIncorrectEncoding,
  kInvalidAuthzid,
  kInvalidMechanism,
  kMalformedRequest,
  kNotAuthorized,
  kTemporaryAuthFailure,
};
std::string_view sasl_failure_name(SaslFailure failure);

// One exchange. Immutable options, then three calls in order. Not thread-safe.
class ScramServer final {
 public:
  struct Options {
    ScramHash hash = ScramHash::kSha256;
    bool plus = false;          // the mechanism was a -PLUS one
    bool plus_offered = false;  // such a one was among those announced
    ChannelBindings bindings = {};
  };
  explicit ScramServer(Options options) : options_(std::move(options)) {}

  // Reads client-first; empty on success: then username() and authzid() are set.
  std::optional<SaslFailure> client_first(std::string_view message);
  const std::string& username() const { return username_; }
  const std::string& authzid() const { return authzid_; }  // as sent; empty: none

  // `nonce` is ours, printable, without ','.
  std::string server_first(const middle::ScramKeys& keys, std::string_view nonce);

  // Reads client-final. Success: `reply` is server-final. A `known` of false fails at the same
  // place, after the same work, as a wrong password.
  std::optional<SaslFailure> client_final(std::string_view message, bool known, std::string& reply);

 private:
  std::optional<SaslFailure> read_gs2_header(std::string_view header);
  bool binding_matches(std::string_view encoded) const;

  Options options_;
  std::string gs2_header_;
  std::string binding_type_;  // after "p="
  std::string username_;
  std::string authzid_;
  std::string client_first_bare_;
  std::string server_first_;
  std::string nonce_;
  middle::ScramKeys keys_;
};

}  // namespace longwire::xmpp
