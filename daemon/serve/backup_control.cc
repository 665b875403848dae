#include "daemon/serve/backup_control.h"

#include <string>
#include <utility>

namespace longwire::daemon {

BackupControl::BackupControl(Executor& loop, BackEnds& back_ends, ControlTable& table)
    : loop_(loop), back_ends_(back_ends) {
  table.add("backup",
            [this](const Json& params, Callback<Json> done) { start(params, std::move(done)); });
}

void BackupControl::wait() {
  if (thread_.joinable()) thread_.join();
}

void BackupControl::start(const Json& params, Callback<Json> done) {
  auto directory = params.at("directory").get<std::string>();
  if (running_) {
    done(Error{ErrorCode::kResourceExhausted, "another backup is under way"});
    return;
  }
  if (thread_.joinable()) thread_.join();  // the one before, which has ended
  running_ = true;
  thread_ = std::thread([this, directory = std::move(directory), done = std::move(done)]() mutable {
    Status copied = back_ends_.backup(directory);
    loop_.post([this, directory, copied = std::move(copied), done = std::move(done)]() mutable {
      running_ = false;
      done(copied.ok() ? Result<Json>(Json{{"directory", directory}}) : copied.error());
    });
  });
}

}  // namespace longwire::daemon
