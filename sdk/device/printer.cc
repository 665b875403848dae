#include "sdk/device/printer.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace longwire::device {

namespace {

using Json = nlohmann::ordered_json;

void print(const Json& event) {
  // Payloads are bytes: what is not UTF-8 is shown as a replacement character.
  const std::string line =
      event.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

Json failure(const char* event, const sdk::Failure& failure) {
  return {{"event", event}, {"code", failure.code}, {"text", failure.text}};
}

const char* word(sdk::NameKind kind) {
  switch (kind) {
    case sdk::NameKind::kAlias:
      return "alias";
    case sdk::NameKind::kAccount:
      return "account";
    case sdk::NameKind::kTopic:
      return "topic";
  }
  return "";
}

}  // namespace

void Printer::on_message(const sdk::Message& message) {
  Json event = {{"event", "message"},
                {"id", message.id},
                {"feed", message.feed},
                {"number", message.number},
                {"title", message.title},
                {"description", message.description},
                {"payload", message.payload},
                {"extra", message.extra},
                {"passThrough", message.pass_through},
                {"notifyType", message.notify_type},
                {"notifyId", message.notify_id},
                {"via", message.via}};
  if (!message.via_name.empty()) event["viaName"] = message.via_name;
  if (message.again) event["again"] = true;
  print(event);
  if (++seen_ != count_) return;
  if (enough_) enough_();
  end(kExitDone);
}

void Printer::on_registered(const std::string& reg_id) {
  print({{"event", "registered"}, {"regId", reg_id}});
  ready_when_all_are_answered();
}

void Printer::ready_when_all_are_answered() {
  if (names_left_ > 0 || std::exchange(ready_, true)) return;
  print({{"event", "ready"}, {"refused", names_refused_}});
}

void Printer::on_connected() { print({{"event", "connected"}}); }
void Printer::on_disconnected(const sdk::Failure& why) { print(failure("disconnected", why)); }
void Printer::on_repeated(const std::string& message_id, const std::string& feed,
                          std::uint64_t number) {
  print({{"event", "repeated"}, {"id", message_id}, {"feed", feed}, {"number", number}});
}
void Printer::on_withdrawn(const std::string& message_id) {
  print({{"event", "withdrawn"}, {"id", message_id}});
}
void Printer::on_name_removed(sdk::NameKind kind, const std::string& name) {
  print({{"event", "nameRemoved"}, {"kind", word(kind)}, {"name", name}});
}
void Printer::on_ended() { print({{"event", "ended"}}); }

void Printer::on_name_answered(sdk::NameKind kind, const std::string& name,
                               const std::optional<sdk::Failure>& why) {
  if (is_over()) return;  // what waited when it ended was not refused
  --names_left_;
  if (why.has_value()) {
    ++names_refused_;
    print({{"event", "refused"},
           {"kind", word(kind)},
           {"name", name},
           {"code", why->code},
           {"text", why->text}});
  }
  ready_when_all_are_answered();
}

void Printer::on_error(const sdk::Failure& why) {
  Json event = failure("error", why);
  event["final"] = why.is_final;
  print(event);
  if (why.is_final) end(kExitFailed);
}

void Printer::end(int exit_code) {
  const std::lock_guard lock(mutex_);
  if (!exit_code_.has_value()) exit_code_ = exit_code;
  ended_.notify_all();
}

bool Printer::is_over() {
  const std::lock_guard lock(mutex_);
  return exit_code_.has_value();
}

int Printer::wait(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  auto over = [this] { return exit_code_.has_value(); };
  if (timeout.count() == 0) {
    ended_.wait(lock, over);
  } else if (!ended_.wait_for(lock, timeout, over)) {
    exit_code_ = kExitTimeout;
  }
  return *exit_code_;
}

}  // namespace longwire::device
