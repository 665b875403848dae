#pragma once

// One JSON line on stdout per event, written out at once, and the moment to end.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "longwire/sdk/client.h"

namespace longwire::device {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitTimeout = 3;

// Thread-safe.
class Printer final : public sdk::Listener {
 public:
  // Ends after `count` messages; 0: never by itself. Says "ready" once, when registered and that
  // many names are answered, and how many of them were refused.
  Printer(std::uint64_t count, std::size_t names) : count_(count), names_left_(names) {}

  void on_message(const sdk::Message& message) override;
  void on_registered(const std::string& reg_id) override;
  void on_connected() override;
  void on_disconnected(const sdk::Failure& why) override;
  void on_repeated(const std::string& message_id, const std::string& feed,
                   std::uint64_t number) override;
  void on_withdrawn(const std::string& message_id) override;
  void on_name_removed(sdk::NameKind kind, const std::string& name) override;
  void on_ended() override;
  void on_error(const sdk::Failure& failure) override;
  void on_name_answered(sdk::NameKind kind, const std::string& name,
                        const std::optional<sdk::Failure>& failure);
  // Called with the last message, on the thread that brought it.
  void on_enough(std::function<void()> enough) { enough_ = std::move(enough); }

  void end(int exit_code);
  // The exit code, once there is one or the time is over.
  int wait(std::chrono::milliseconds timeout);

 private:
  void ready_when_all_are_answered();
  bool is_over();

  std::uint64_t count_;
  std::uint64_t seen_ = 0;
  std::size_t names_left_;
  std::size_t names_refused_ = 0;
  bool ready_ = false;
  std::function<void()> enough_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<int> exit_code_;
};

}  // namespace longwire::device
