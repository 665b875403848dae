#include "longwire/sdk/client.h"

#include <utility>

#include "sdk/cpp/runner.h"

namespace longwire::sdk {

namespace {

Wish set(NameKind kind, std::string name, Done done) {
  return {.kind = Wish::Kind::kSet,
          .name_kind = kind,
          .name = std::move(name),
          .done = std::move(done)};
}

Wish unset(NameKind kind, std::string name, Done done) {
  return {.kind = Wish::Kind::kUnset,
          .name_kind = kind,
          .name = std::move(name),
          .done = std::move(done)};
}

}  // namespace

Client::Client(Options options, Listener& listener)
    : runner_(std::make_unique<Runner>(std::move(options), listener)) {}

Client::~Client() = default;

void Client::start() { runner_->start(); }
void Client::stop_soon() { runner_->stop_soon(); }
void Client::stop() { runner_->stop(); }

void Client::set_alias(std::string alias, Done done) {
  runner_->wish(set(NameKind::kAlias, std::move(alias), std::move(done)));
}
void Client::unset_alias(std::string alias, Done done) {
  runner_->wish(unset(NameKind::kAlias, std::move(alias), std::move(done)));
}
void Client::set_account(std::string account, Done done) {
  runner_->wish(set(NameKind::kAccount, std::move(account), std::move(done)));
}
void Client::unset_account(std::string account, Done done) {
  runner_->wish(unset(NameKind::kAccount, std::move(account), std::move(done)));
}
void Client::subscribe(std::string topic, Done done) {
  runner_->wish(set(NameKind::kTopic, std::move(topic), std::move(done)));
}
void Client::unsubscribe(std::string topic, Done done) {
  runner_->wish(unset(NameKind::kTopic, std::move(topic), std::move(done)));
}
void Client::unregister(Done done) {
  runner_->wish({.kind = Wish::Kind::kUnregister, .name = {}, .done = std::move(done)});
}

}  // namespace longwire::sdk
