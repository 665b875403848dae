#include "daemon/serve/offline.h"

#include <csignal>
#include <utility>

namespace longwire::daemon {

Offline::Offline(DataPaths paths, DataLock lock, std::unique_ptr<Settings> settings)
    : paths_(std::move(paths)),
      lock_(std::move(lock)),
      settings_(std::move(settings)),
      log_(make_log_sink(LogLevel::kWarn, false)),
      thread_("offline") {}

Result<std::unique_ptr<Offline>> Offline::begin(DataPaths paths, const SettingsSources& sources) {
  std::signal(SIGPIPE, SIG_IGN);  // a server that goes away is an error, not our end
  auto settings = load_settings(sources, paths);
  if (!settings.ok()) return settings.error();
  auto lock = DataLock::take(paths);
  if (!lock.ok()) return lock.error();
  return std::unique_ptr<Offline>(
      new Offline(std::move(paths), std::move(*lock), std::move(*settings)));
}

Environment Offline::environment() {
  return {thread_.loop(), system_clock(), system_random(), *log_, metrics_};
}

}  // namespace longwire::daemon
