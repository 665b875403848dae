#pragma once

// What a process says of itself, once a second, to all middle nodes; and how they keep it. For
// people who look after many processes: no rule depends on it. Values.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace longwire::middle {

struct NamedNumber {
  std::string name;
  std::int64_t value = 0;
};

struct ProcessReport {
  std::string place;  // where it runs, unlike all others: host, data directory, worker
  std::string name;   // of its place, for people
  std::string host;
  std::int32_t pid = 0;
  std::vector<std::string> roles;
  std::vector<std::string> addresses;  // "tier 10.0.0.5:7000"
  std::string version;
  std::chrono::milliseconds uptime{0};
  std::vector<NamedNumber> numbers;
};

struct KeptReport {
  ProcessReport report;
  std::chrono::milliseconds age{0};  // since it came
};

// A process that is silent so long is shown as silent; so long, and it is forgotten.
inline constexpr std::chrono::milliseconds kReportSilent{5'000};
inline constexpr std::chrono::milliseconds kReportForgotten{60'000};

// What several nodes keep, each process once, by name. One that is silent is left out where another
// came to its place.
std::vector<KeptReport> merge_reports(std::vector<KeptReport> reports);

}  // namespace longwire::middle
