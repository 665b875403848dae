#include "xmpp/sasl/sasl_server.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "xmpp/protocol/jid.h"
#include "xmpp/protocol/precis.h"

namespace longwire::xmpp {
namespace {

constexpr std::size_t kNonceBytes = 18;
constexpr std::size_t kMadeUpSaltBytes = 16;  // as long as an account's
constexpr std::uint32_t kMadeUpIterations = 4096;

struct Mechanism {
  std::string_view name;
  bool plain;
  ScramHash hash;
  bool plus;
};
constexpr Mechanism kMechanisms[] = {
    {"SCRAM-SHA-256-PLUS", false, ScramHash::kSha256, true},
    {"SCRAM-SHA-1-PLUS", false, ScramHash::kSha1, true},
    {"SCRAM-SHA-256", false, ScramHash::kSha256, false},
    {"SCRAM-SHA-1", false, ScramHash::kSha1, false},
    {"PLAIN", true, ScramHash::kSha256, false},
};

Bytes keyed_hash(BytesView key, BytesView text) {
  Bytes out(32, '\0');
  unsigned size = 0;
  const auto* result = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                            reinterpret_cast<unsigned char*>(out.data()), &size);
  CHECK(result != nullptr);
  return out;
}

}  // namespace

std::vector<std::string_view> sasl_mechanisms(const ChannelBindings& bindings) {
  std::vector<std::string_view> names;
  for (const Mechanism& mechanism : kMechanisms)
    if (!mechanism.plus || bindings.any()) names.push_back(mechanism.name);
  return names;
}

std::vector<std::string_view> channel_binding_types(const ChannelBindings& bindings) {
  std::vector<std::string_view> types;
  if (!bindings.exporter.empty()) types.emplace_back("tls-exporter");
  if (!bindings.end_point.empty()) types.emplace_back("tls-server-end-point");
  return types;
}

middle::ScramKeys derive_keys(SaslNeedsKeys needs) {
  auto keys =
      derive_scram_keys(needs.hash, needs.password, std::move(needs.salt), needs.iterations);
  OPENSSL_cleanse(needs.password.data(), needs.password.size());
  return keys;
}

SaslStep SaslServer::fail(SaslFailure failure) {
  state_ = State::kDone;
  return failure;
}

SaslStep SaslServer::start(std::string_view mechanism, std::optional<Bytes> initial_response) {
  CHECK(state_ == State::kStart);
  const Mechanism* chosen = nullptr;
  for (const Mechanism& candidate : kMechanisms)
    if (candidate.name == mechanism && (!candidate.plus || options_.bindings.any()))
      chosen = &candidate;
  if (chosen == nullptr) return fail(SaslFailure::kInvalidMechanism);
  hash_ = chosen->hash;
  if (!chosen->plain) {
    scram_.emplace(ScramServer::Options{.hash = chosen->hash,
                                        .plus = chosen->plus,
                                        .plus_offered = options_.bindings.any(),
                                        .bindings = options_.bindings});
  }
  state_ = State::kWantsFirst;
  if (!initial_response) return SaslChallenge{};
  return respond(*initial_response);
}

SaslStep SaslServer::respond(BytesView data) {
  switch (state_) {
    case State::kWantsFirst:
      return scram_ ? first_message(data) : plain_message(data);
    case State::kWantsFinal: {
      std::string reply;
      if (auto failure = scram_->client_final(data, known_, reply)) return fail(*failure);
      if (banned_) return fail(SaslFailure::kAccountDisabled);
      state_ = State::kDone;
      return SaslSuccess{account_, std::move(reply)};
    }
    case State::kStart:
    case State::kWantsCredentials:
    case State::kWantsKeys:
    case State::kDone:
      break;
  }
  return fail(SaslFailure::kMalformedRequest);
}

SaslStep SaslServer::first_message(BytesView data) {
  if (auto failure = scram_->client_first(data)) return fail(*failure);
  return need(scram_->username(), scram_->authzid());
}

// RFC 4616: [authzid] NUL authcid NUL password.
SaslStep SaslServer::plain_message(BytesView data) {
  const std::size_t first = data.find('\0');
  const std::size_t second = first == BytesView::npos ? first : data.find('\0', first + 1);
  if (second == BytesView::npos || data.find('\0', second + 1) != BytesView::npos)
    return fail(SaslFailure::kMalformedRequest);
  const auto password = prepare_opaque(data.substr(second + 1));
  if (!password) return fail(SaslFailure::kMalformedRequest);
  password_ = *password;
  return need(data.substr(first + 1, second - first - 1), data.substr(0, first));
}

SaslStep SaslServer::need(std::string_view username, std::string_view authzid) {
  auto name = prepare_username(username);
  if (!name || name->find_first_of("\"&'/:<>@") != std::string::npos)
    return fail(SaslFailure::kMalformedRequest);
  if (!authzid.empty()) {
    // Acting for somebody else is not offered: only the own bare address will do.
    const auto jid = parse_jid(authzid);
    if (!jid || !jid->is_bare() || jid->local != *name || jid->domain != options_.domain)
      return fail(SaslFailure::kInvalidAuthzid);
  }
  account_ = std::move(*name);
  state_ = State::kWantsCredentials;
  return SaslNeedsCredentials{account_};
}

middle::ScramKeys SaslServer::made_up_keys() const {
  const std::string name = (hash_ == ScramHash::kSha1 ? "1:" : "256:") + account_;
  middle::ScramKeys keys;
  keys.salt = keyed_hash(options_.unknown_secret, "salt:" + name).substr(0, kMadeUpSaltBytes);
  keys.iterations = kMadeUpIterations;
  keys.stored_key =
      keyed_hash(options_.unknown_secret, "key:" + name).substr(0, scram_key_size(hash_));
  keys.server_key = keys.stored_key;
  return keys;
}

SaslStep SaslServer::credentials(std::optional<middle::Credentials> credentials) {
  CHECK(state_ == State::kWantsCredentials);
  known_ = credentials.has_value();
  banned_ = known_ && credentials->banned;
  middle::ScramKeys keys = made_up_keys();
  if (known_) keys = hash_ == ScramHash::kSha1 ? credentials->sha1 : credentials->sha256;
  if (!scram_) {
    state_ = State::kWantsKeys;
    stored_key_ = std::move(keys.stored_key);
    return SaslNeedsKeys{hash_, std::move(password_), std::move(keys.salt), keys.iterations};
  }
  state_ = State::kWantsFinal;
  return SaslChallenge{scram_->server_first(keys, base64_encode(random_.bytes(kNonceBytes)))};
}

SaslStep SaslServer::keys(const middle::ScramKeys& derived) {
  CHECK(state_ == State::kWantsKeys);
  const bool good = constant_time_equal(derived.stored_key, stored_key_);
  if (!good || !known_) return fail(SaslFailure::kNotAuthorized);
  if (banned_) return fail(SaslFailure::kAccountDisabled);
  state_ = State::kDone;
  return SaslSuccess{account_, {}};
}

}  // namespace longwire::xmpp
