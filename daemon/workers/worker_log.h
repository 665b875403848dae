#pragma once

// WorkerLog: a worker's lines among those of all: its number stands behind the module, "xmpp/2".

#include <fmt/format.h>

#include <string_view>

#include "base/log.h"

namespace longwire::daemon {

// Thread-safe. `sink` outlives it.
class WorkerLog final : public LogSink {
 public:
  WorkerLog(LogSink& sink, int number) : sink_(sink), number_(number) {}

  bool enabled(LogLevel level) const override { return sink_.enabled(level); }
  void write(LogLevel level, std::string_view module, std::string_view event,
             std::initializer_list<LogField> fields) override {
    sink_.write(level, fmt::format("{}/{}", module, number_), event, fields);
  }
  void set_level(LogLevel level) override { sink_.set_level(level); }

 private:
  LogSink& sink_;
  const int number_;
};

}  // namespace longwire::daemon
