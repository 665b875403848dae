#include "base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "base/clock.h"
#include "base/guarded.h"

namespace longwire {
namespace {

constexpr std::size_t kKeptBytesMax = 1 << 20;
constexpr std::size_t kShortIdLength = 8;
// A pipe that polls as writable takes this much without blocking (PIPE_BUF).
constexpr std::size_t kWriteBytesMax = 4096;
constexpr int kLastFlushMs = 1000;

bool writable(int wait_ms) {
  pollfd descriptor{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&descriptor, 1, wait_ms) == 1 && (descriptor.revents & POLLOUT) != 0;
}

class StderrSink final : public LogSink {
 public:
  StderrSink(LogLevel level, bool json) : level_(level), json_(json) {}
  ~StderrSink() override { flush(*kept_.lock(), kLastFlushMs); }

  bool enabled(LogLevel level) const override {
    return level != LogLevel::kOff && level >= level_.load(std::memory_order_relaxed);
  }

  void set_level(LogLevel level) override { level_.store(level, std::memory_order_relaxed); }

  void write(LogLevel level, std::string_view module, std::string_view event,
             std::initializer_list<LogField> fields) override {
    const std::string line = format(level, module, event, fields);
    auto kept = kept_.lock();
    if (kept->lines.size() + line.size() > kKeptBytesMax) {
      ++kept->dropped;
    } else {
      kept->lines.append(line);
    }
    flush(*kept, 0);
  }

 private:
  struct Kept {
    std::string lines;
    std::int64_t dropped = 0;
  };

  std::string format(LogLevel level, std::string_view module, std::string_view event,
                     std::initializer_list<LogField> fields) const {
    const LogEvent shown{system_clock().now().ms, level, module, event, fields};
    return json_ ? format_log_json(shown) : format_log_text(shown);
  }

  void flush(Kept& kept, int wait_ms) const {
    write_out(kept.lines, wait_ms);
    if (kept.dropped == 0 || !kept.lines.empty()) return;
    kept.lines = format(LogLevel::kWarn, "log", "lines dropped", {{"count", kept.dropped}});
    kept.dropped = 0;
    write_out(kept.lines, wait_ms);
  }

  static void write_out(std::string& lines, int wait_ms) {
    std::size_t done = 0;
    while (done < lines.size() && writable(wait_ms)) {
      const std::size_t size = std::min(lines.size() - done, kWriteBytesMax);
      const ssize_t written = ::write(STDERR_FILENO, lines.data() + done, size);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;
      done += static_cast<std::size_t>(written);
    }
    lines.erase(0, done);
  }

  std::atomic<LogLevel> level_;
  const bool json_;
  Guarded<Kept> kept_;
};

class NullSink final : public LogSink {
 public:
  bool enabled(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view, std::string_view,
             std::initializer_list<LogField>) override {}
};

constexpr LogLevel kLevels[] = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn,
                                LogLevel::kError, LogLevel::kOff};

}  // namespace

std::string_view log_level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      return "off";
  }
  return "off";
}

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (LogLevel level : kLevels) {
    if (log_level_name(level) == name) return level;
  }
  return std::nullopt;
}

std::unique_ptr<LogSink> make_log_sink(LogLevel level, bool json) {
  return std::make_unique<StderrSink>(level, json);
}

std::string short_id(std::string_view id) {
  if (id.size() <= kShortIdLength) return std::string(id);
  return std::string(id.substr(0, kShortIdLength)) + "…";
}

LogSink& null_log() {
  static NullSink sink;
  return sink;
}

}  // namespace longwire
