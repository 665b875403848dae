#include "sdk/cpp/requests.h"

#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "channels/codec/compact.h"
#include "channels/idl/push_types.h"

namespace longwire::sdk {

namespace wire = channels::wire;

namespace {

Failure failure_of(const Error& error) {
  return {.code = std::string(error_code_name(error.code)), .text = error.message};
}

Bytes encode(const Options& options) {
  wire::Register request;
  request.app_id = options.app_id;
  request.app_key = options.app_key;
  request.package_name = options.package;
  if (!options.app_version.empty()) request.__set_app_version(options.app_version);
  wire::ClientFrame frame;
  frame.__set_register_app(request);
  return channels::encode_compact(frame);
}

wire::NameKind::type wire_kind(NameKind kind) {
  if (kind == NameKind::kAccount) return wire::NameKind::ACCOUNT;
  if (kind == NameKind::kTopic) return wire::NameKind::TOPIC;
  return wire::NameKind::ALIAS;
}

Bytes encode(const Wish& wish, const std::string& reg_id) {
  wire::ClientFrame frame;
  if (wish.kind == Wish::Kind::kUnregister) {
    wire::Unregister request;
    request.reg_id = reg_id;
    frame.__set_unregister_app(request);
  } else {
    wire::ChangeName request;
    request.reg_id = reg_id;
    request.kind = wire_kind(wish.name_kind);
    request.name = wish.name;
    request.carried = wish.kind == Wish::Kind::kSet;
    frame.__set_change_name(request);
  }
  return channels::encode_compact(frame);
}

const char* word(NameKind kind) {
  if (kind == NameKind::kAccount) return "account";
  if (kind == NameKind::kTopic) return "topic";
  return "alias";
}

// An app sets many names; the server's words do not say which one it refused.
Failure failure_of(const Wish& wish, const Error& error) {
  Failure failure = failure_of(error);
  if (wish.kind == Wish::Kind::kUnregister) return failure;
  const std::string name = is_utf8(wish.name) ? wish.name : hex_encode(wish.name);
  failure.text = std::string(word(wish.name_kind)) + " \"" + name + "\": " + failure.text;
  return failure;
}

// What passes comes as "unavailable" (resource-constraint); a limit that waiting does not lift as
// "resource_exhausted" (policy-violation).
bool passes(const Error& error) {
  if (error.code == ErrorCode::kResourceExhausted) return false;
  return may_retry(error) || error.code == ErrorCode::kUnknownOutcome ||
         error.code == ErrorCode::kDeadlineExceeded || error.code == ErrorCode::kInternal;
}

}  // namespace

Requests::Requests(const Options& options, StateStore& store, Listener& listener, Random& random)
    : options_(options),
      store_(store),
      listener_(listener),
      random_(random),
      backoff_(options.reconnect_delay_min, std::chrono::seconds(30)) {}

RegistrationState* Requests::registration() const {
  RegistrationState* mine = store_.state().find(options_.app_id, options_.package);
  return mine == nullptr || mine->reg_id.empty() ? nullptr : mine;
}

void Requests::save() {
  if (Status saved = store_.save(); !saved.ok()) listener_.on_error(failure_of(saved.error()));
}

void Requests::add(Wish wish) {
  if (wishes_.size() < kWishesMax) return wishes_.push_back(std::move(wish));
  if (wish.done) wish.done(Failure{.code = "resource_exhausted", .text = "too many requests wait"});
}

void Requests::announce() {
  const RegistrationState* mine = registration();
  if (mine == nullptr || mine->reg_id == announced_) return;
  announced_ = mine->reg_id;
  listener_.on_registered(announced_);
}

void Requests::on_connected(MonotonicTime now) {
  phase_ = Phase::kIdle;
  not_before_ = now;
  tries_ = 0;
  announce();
  renew_names();
}

void Requests::on_disconnected() { phase_ = Phase::kOffline; }

bool Requests::must_register() const { return !ended_ && !refused_ && registration() == nullptr; }

Bytes Requests::take_request(MonotonicTime now) {
  if (phase_ != Phase::kIdle || now < not_before_) return {};
  if (must_register()) {
    phase_ = Phase::kRegistering;
    asked_at_ = now;
    return encode(options_);
  }
  if (wishes_.empty()) return {};
  const RegistrationState* mine = registration();
  if (mine == nullptr) {
    give_up({.code = "not_found", .text = "the registration was ended"});
    return {};
  }
  phase_ = Phase::kWishing;
  asked_at_ = now;
  return encode(wishes_.front(), mine->reg_id);
}

void Requests::check_timeout(MonotonicTime now) {
  if (phase_ != Phase::kRegistering && phase_ != Phase::kWishing) return;
  if (now < asked_at_ + kAnswerTimeout) return;
  fail({ErrorCode::kDeadlineExceeded, "the server did not answer"}, now);
}

std::optional<MonotonicTime> Requests::next_time() const {
  switch (phase_) {
    case Phase::kOffline:
      return std::nullopt;
    case Phase::kIdle:
      if (must_register() || !wishes_.empty()) return not_before_;
      return std::nullopt;
    case Phase::kRegistering:
    case Phase::kWishing:
      return asked_at_ + kAnswerTimeout;
  }
  return std::nullopt;
}

void Requests::on_reply(Result<Bytes> reply, MonotonicTime now) {
  if (phase_ != Phase::kRegistering && phase_ != Phase::kWishing) return;
  if (!reply.ok()) return fail(reply.error(), now);
  const bool registering = phase_ == Phase::kRegistering;
  phase_ = Phase::kIdle;
  tries_ = 0;
  backoff_.succeeded();
  if (registering) return on_registered(*reply);
  on_wish_done(std::nullopt);
}

void Requests::on_registered(const Bytes& frame) {
  auto decoded = channels::decode_compact<wire::ServerFrame>(frame, channels::kFromServer);
  if (!decoded.ok() || !decoded->__isset.registered) {
    refused_ = true;
    listener_.on_error({.code = "corrupt",
                        .text = "the server's answer to registering is none",
                        .is_final = true});
    return;
  }
  const wire::Registered& registered = decoded->registered;
  State& state = store_.state();
  RegistrationState* mine = state.find(options_.app_id, options_.package);
  if (mine == nullptr) {
    mine = &state.registrations.emplace_back();
    mine->app_id = options_.app_id;
    mine->package = options_.package;
  }
  mine->reg_id = registered.reg_id;
  mine->secret = registered.secret;
  mine->incarnation = registered.incarnation;
  save();
  announce();
  renew_names();
}

// Before what the app wants now, which may take a name away. State tells that they are due until
// the last is answered, so a process that dies meanwhile begins again.
void Requests::renew_names() {
  const RegistrationState* mine = registration();
  if (mine == nullptr || !mine->renew_names || renewals_ > 0) return;
  renewals_ = mine->names.size() + 1;
  for (auto name = mine->names.rbegin(); name != mine->names.rend(); ++name)
    wishes_.push_front({.kind = Wish::Kind::kSet,
                        .name_kind = name->kind,
                        .name = name->name,
                        .done = nullptr,
                        .renews = true});
  on_renewed(std::nullopt);
}

void Requests::on_renewed(const std::optional<Failure>& failure) {
  if (failure.has_value()) listener_.on_error(*failure);
  if (--renewals_ > 0) return;
  if (RegistrationState* mine = registration(); mine != nullptr) mine->renew_names = false;
  save();
}

void Requests::on_wish_done(const std::optional<Failure>& failure) {
  Wish wish = std::move(wishes_.front());
  wishes_.pop_front();
  if (wish.kind == Wish::Kind::kUnregister && !failure.has_value()) on_ended();
  note_name(wish, failure);
  if (wish.renews) on_renewed(failure);
  if (wish.done) wish.done(failure);
}

// What must be set again where the account is lost. A renewal that is refused is carried no more.
void Requests::note_name(const Wish& wish, const std::optional<Failure>& failure) {
  RegistrationState* mine = registration();
  if (mine == nullptr || wish.kind == Wish::Kind::kUnregister) return;
  if (failure.has_value() && !wish.renews) return;
  const CarriedName name{.kind = wish.name_kind, .name = wish.name};
  const bool carried = wish.kind == Wish::Kind::kSet && !failure.has_value();
  if (mine->carries(name) == carried) return;
  mine->carry(name, carried);
  save();
}

void Requests::fail(const Error& error, MonotonicTime now) {
  const bool registering = phase_ == Phase::kRegistering;
  phase_ = Phase::kIdle;
  ++tries_;
  const bool lasting = registering || wishes_.front().renews;
  const bool again = passes(error) && (lasting || tries_ < kTriesMax);
  if (again) {
    not_before_ = now + backoff_.next(random_);
    if (registering) listener_.on_error(failure_of(error));
    return;
  }
  tries_ = 0;
  if (!registering) return on_wish_done(failure_of(wishes_.front(), error));
  refused_ = true;
  Failure final_failure = failure_of(error);
  final_failure.is_final = true;
  listener_.on_error(final_failure);
}

void Requests::on_ended() {
  auto& all = store_.state().registrations;
  std::erase_if(all, [&](const RegistrationState& one) {
    return one.app_id == options_.app_id && one.package == options_.package;
  });
  save();
  ended_ = true;
}

void Requests::on_account_lost() {
  std::erase_if(wishes_, [](const Wish& wish) { return wish.renews; });
  renewals_ = 0;
}

void Requests::give_up(const Failure& why) {
  for (Wish& wish : std::exchange(wishes_, {}))
    if (wish.done) wish.done(why);
}

}  // namespace longwire::sdk
