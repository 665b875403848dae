#include "daemon/serve/storage_control.h"

#include <string>
#include <utility>

#include "daemon/serve/storage_check.h"

namespace longwire::daemon {

StorageControl::StorageControl(Executor& loop, const ServedStorage& storage, ControlTable& table)
    : loop_(loop), storage_(storage) {
  table.add("backup", [this](const Json& params, Callback<Json> done) {
    auto directory = params.at("directory").get<std::string>();
    start([this, directory = std::move(directory)] { return back_up(directory); }, std::move(done));
  });
  table.add("storage_check", [this](const Json&, Callback<Json> done) {
    start([this] { return check(); }, std::move(done));
  });
}

void StorageControl::wait() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void StorageControl::start(Work work, Callback<Json> done) {
  if (running_) {
    done(Error{ErrorCode::kResourceExhausted, "another backup or check is under way"});
    return;
  }
  if (thread_.joinable()) thread_.join();  // the one before, which has ended
  running_ = true;
  thread_ = std::thread([this, work = std::move(work), done = std::move(done)]() mutable {
    Result<Json> outcome = work();
    loop_.post([this, outcome = std::move(outcome), done = std::move(done)]() mutable {
      running_ = false;
      done(std::move(outcome));
    });
  });
}

Result<Json> StorageControl::back_up(const std::string& directory) {
  TRY(storage_.back_ends.backup(directory));
  return Json{{"directory", directory}};
}

Result<Json> StorageControl::check() {
  const auto report = check_storage(storage_.back_ends, stopping_);
  if (!report.ok()) return report.error();
  return report_json(*report, storage_.config, storage_.paths, storage_.environment);
}

}  // namespace longwire::daemon
