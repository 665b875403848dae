#pragma once

// Requests: what the app wants of the server, kept until it is answered: over lost connections,
// refusals that will pass, and answers that do not come. One at a time, in their order, since a
// later one may undo an earlier. No I/O.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "longwire/sdk/client.h"
#include "sdk/cpp/backoff.h"
#include "sdk/cpp/state.h"

namespace longwire::sdk {

// A name to be set or unset, or the registration to be ended.
struct Wish {
  enum class Kind : std::uint8_t { kSet, kUnset, kUnregister };
  Kind kind = Kind::kSet;
  NameKind name_kind = NameKind::kAlias;
  std::string name;
  Done done;
  bool renews = false;  // the app set it once; it is lost with an account, and set again
};

// Bound to the SDK's thread.
class Requests final {
 public:
  static constexpr std::chrono::seconds kAnswerTimeout{30};
  static constexpr std::size_t kWishesMax = 1000;
  static constexpr int kTriesMax = 5;

  Requests(const Options& options, StateStore& store, Listener& listener, Random& random);

  // "resource_exhausted" at once when kWishesMax are waiting.
  void add(Wish wish);
  void on_connected(MonotonicTime now);
  void on_disconnected();
  void on_reply(Result<Bytes> reply, MonotonicTime now);
  // The request to send now, if any; on_reply() gives its answer.
  Bytes take_request(MonotonicTime now);
  // The request under way got no answer in time: it is repeated.
  void check_timeout(MonotonicTime now);
  // When take_request() or check_timeout() may have something to do; none: when something happens.
  std::optional<MonotonicTime> next_time() const;
  // The registration is gone: a new one is made if the app has not yet been told of one.
  void on_ended();
  // It is gone with its account: a new one is made on the new account, with the same names.
  void on_account_lost();
  // No more will be sent: all that wait fail.
  void give_up(const Failure& why);
  // The app's id and key are refused for good.
  bool refused() const { return refused_; }

 private:
  enum class Phase : std::uint8_t { kOffline, kIdle, kRegistering, kWishing };
  bool must_register() const;
  void on_registered(const Bytes& frame);
  void on_wish_done(const std::optional<Failure>& failure);
  void note_name(const Wish& wish, const std::optional<Failure>& failure);
  void renew_names();
  void on_renewed(const std::optional<Failure>& failure);
  void save();
  void fail(const Error& error, MonotonicTime now);
  RegistrationState* registration() const;
  void announce();

  const Options& options_;
  StateStore& store_;
  Listener& listener_;
  Random& random_;
  Backoff backoff_;
  std::deque<Wish> wishes_;
  Phase phase_ = Phase::kOffline;
  MonotonicTime asked_at_{0};
  MonotonicTime not_before_{0};
  int tries_ = 0;
  bool ended_ = false;
  bool refused_ = false;
  std::string announced_;     // the regId that the app knows
  std::size_t renewals_ = 0;  // wishes that renew
};

}  // namespace longwire::sdk
