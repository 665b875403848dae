#pragma once

// A log that keeps its lines, and waits for one.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace longwire::daemon {

// Thread-safe.
class EventLog final : public LogSink {
 public:
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel, std::string_view, std::string_view event,
             std::initializer_list<LogField> fields) override {
    std::string line(event);
    for (const LogField& field : fields) {
      if (!std::holds_alternative<std::string_view>(field.value)) continue;
      line += " " + std::string(field.key) + "=";
      line += std::get<std::string_view>(field.value);
    }
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    changed_.notify_all();
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  // The first line that has all of `parts`; empty: none came within a generous while.
  std::string wait(std::initializer_list<std::string_view> parts) const {
    std::string found;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      for (const std::string& line : lines_) {
        if (has_all(line, parts)) found = line;
      }
      return !found.empty();
    });
    return found;
  }

 private:
  static bool has_all(const std::string& line, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) {
      if (line.find(part) == std::string::npos) return false;
    }
    return true;
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace longwire::daemon
