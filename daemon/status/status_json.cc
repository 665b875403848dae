#include "daemon/status/status_json.h"

#include <algorithm>

namespace longwire::daemon {
namespace {

Json numbers_json(const std::vector<middle::NamedNumber>& numbers) {
  Json json = Json::object();
  for (const auto& [name, value] : numbers) json[name] = value;
  return json;
}

Json process_json(const middle::KeptReport& kept) {
  const middle::ProcessReport& report = kept.report;
  return {{"name", report.name},
          {"host", report.host},
          {"place", report.place},
          {"pid", report.pid},
          {"roles", report.roles},
          {"addresses", report.addresses},
          {"version", report.version},
          {"uptimeMs", report.uptime.count()},
          {"ageMs", kept.age.count()},
          {"silent", kept.age > middle::kReportSilent},
          {"numbers", numbers_json(report.numbers)}};
}

}  // namespace

Json status_json(const std::vector<middle::KeptReport>& reports) {
  Json processes = Json::array();
  std::int64_t partitions = 0;
  std::int64_t owned = 0;
  int silent = 0;
  for (const middle::KeptReport& kept : reports) {
    processes.push_back(process_json(kept));
    const Json& process = processes.back();
    const Json& numbers = process.at("numbers");
    partitions = std::max(partitions, numbers.value("partitionsAll", std::int64_t{0}));
    if (process.at("silent").get<bool>()) {
      ++silent;
    } else {
      owned += numbers.value("partitions", std::int64_t{0});
    }
  }
  return {{"partitions", partitions},
          {"owned", owned},
          {"silent", silent},
          {"processes", std::move(processes)}};
}

}  // namespace longwire::daemon
