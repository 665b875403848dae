#pragma once

// Structured logs: one line an event, text or JSON, key=value. Never a secret, token, message body
// or full device id (see short_id).
//
//   Logger log(environment.log, "http");
//   log.info("listening", {{"port", port}});
//
// error = someone must act, warn = degraded, info = life cycle, debug = per message.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace longwire {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };

std::string_view log_level_name(LogLevel level);  // "debug", "info", "warn", "error", "off"
std::optional<LogLevel> parse_log_level(std::string_view name);

struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <typename T>
  requires std::is_integral_v<T> LogField(std::string_view k, T v)
      : key(k), value(static_cast<std::int64_t>(v)) {}

  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

// Where lines go. Thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual bool enabled(LogLevel level) const = 0;
  virtual void write(LogLevel level, std::string_view module, std::string_view event,
                     std::initializer_list<LogField> fields) = 0;
  // Takes effect at once. A sink without levels ignores it.
  virtual void set_level(LogLevel level) { (void)level; }
};

// Lines of at least `level` to stderr, as text or as one JSON object each. Never waits for whoever
// reads stderr: what does not fit into the pipe is kept up to 1 MiB, then lines are dropped and
// counted in a line of their own. Destroying it waits up to a second for what is kept. Thread-safe.
std::unique_ptr<LogSink> make_log_sink(LogLevel level, bool json);

// The line that such a sink writes, newline included; control characters are escaped, so one event
// is one line. `utc_ms` is the time shown.
struct LogEvent {
  std::int64_t utc_ms = 0;
  LogLevel level = LogLevel::kInfo;
  std::string_view module;
  std::string_view event;
  std::initializer_list<LogField> fields = {};
};
std::string format_log_text(const LogEvent& event);
std::string format_log_json(const LogEvent& event);

// One module's voice. A value; borrows the sink, which outlives it. Thread-safe.
class Logger {
 public:
  Logger(LogSink& sink, std::string_view module) : sink_(&sink), module_(module) {}
  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    log(LogLevel::kDebug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    log(LogLevel::kInfo, event, fields);
  }
  void warn(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    log(LogLevel::kWarn, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    log(LogLevel::kError, event, fields);
  }
  void log(LogLevel level, std::string_view event,
           std::initializer_list<LogField> fields = {}) const {
    if (sink_->enabled(level)) sink_->write(level, module_, event, fields);
  }

 private:
  LogSink* sink_;
  std::string module_;
};

// The first 8 characters of an id and "…": enough to find it, too little to use it.
std::string short_id(std::string_view id);

// Drops everything; for tests and the simulator. Stateless.
LogSink& null_log();

}  // namespace longwire
