#include "daemon/status/status_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace longwire::daemon {
namespace {

using Row = std::vector<std::string>;

struct NumberColumn {
  std::string_view head;
  std::string_view number;
};
constexpr NumberColumn kNumbers[] = {
    {"xmpp", "connections"}, {"sessions", "sessions"}, {"http", "httpConnections"},
    {"owned", "partitions"}, {"feeds", "feeds"},       {"pending", "pending"},
    {"lanes", "laneItems"},  {"untaken", "untaken"},   {"underived", "underived"},
};
constexpr NumberColumn kLastNumbers[] = {
    {"calls", "calls"}, {"waiting", "callsWaiting"}, {"nodes", "nodesLinked"}};

std::string duration_text(std::int64_t ms) {
  const std::int64_t seconds = ms / 1000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 120 * 60) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86'400);
}

std::string number_text(const Json& numbers, std::string_view name) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? "-" : fmt::format("{}", found->get<std::int64_t>());
}

std::string p99_text(const Json& numbers) {
  const auto found = numbers.find("commitP99Us");
  if (found == numbers.end()) return "-";
  return fmt::format("{:g} ms", static_cast<double>(found->get<std::int64_t>()) / 1000);
}

// The first of them, without what it is for.
std::string address_text(const Json& addresses) {
  if (addresses.empty()) return "-";
  const auto text = addresses.front().get<std::string>();
  return text.substr(text.find(' ') + 1);
}

Row head_row() {
  Row row = {"process", "roles", "address", "version", "pid", "up"};
  for (const NumberColumn& column : kNumbers) row.emplace_back(column.head);
  row.emplace_back("p99");
  for (const NumberColumn& column : kLastNumbers) row.emplace_back(column.head);
  return row;
}

Row process_row(const Json& process, bool with_host) {
  const auto name = process.at("name").get<std::string>();
  const auto host = process.at("host").get<std::string>();
  const Json& numbers = process.at("numbers");
  Row row = {with_host ? name + "@" + host : name,
             fmt::format("{}", fmt::join(process.at("roles").get<Row>(), ",")),
             address_text(process.at("addresses")), process.at("version").get<std::string>(),
             fmt::format("{}", process.at("pid").get<int>())};
  if (process.at("silent").get<bool>()) {
    row.push_back("silent " + duration_text(process.at("ageMs").get<std::int64_t>()));
    return row;  // what it said is no longer so
  }
  row.push_back(duration_text(process.at("uptimeMs").get<std::int64_t>()));
  for (const NumberColumn& column : kNumbers) row.push_back(number_text(numbers, column.number));
  row.push_back(p99_text(numbers));
  for (const NumberColumn& column : kLastNumbers) {
    row.push_back(number_text(numbers, column.number));
  }
  return row;
}

std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i == 0 ? "" : "  ";
      line += i < 4 ? fmt::format("{:<{}}", row[i], widths[i])
                    : fmt::format("{:>{}}", row[i], widths[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::int64_t sum(const Json& processes, std::string_view name) {
  std::int64_t total = 0;
  for (const Json& process : processes) {
    const Json& numbers = process.at("numbers");
    const auto found = numbers.find(name);
    if (found != numbers.end() && !process.at("silent").get<bool>()) {
      total += found->get<std::int64_t>();
    }
  }
  return total;
}

bool has_middle(const Json& processes) {
  return std::any_of(processes.begin(), processes.end(), [](const Json& process) {
    const Json& roles = process.at("roles");
    return !process.at("silent").get<bool>() &&
           std::find(roles.begin(), roles.end(), "middle") != roles.end();
  });
}

bool several_hosts(const Json& processes) {
  return std::any_of(processes.begin(), processes.end(), [&](const Json& process) {
    return process.at("host") != processes.front().at("host");
  });
}

}  // namespace

std::string status_table(const Json& status) {
  const Json& processes = status.at("processes");
  // Processes know of each other through middle nodes alone: what is missing may be well.
  std::string text =
      has_middle(processes)
          ? ""
          : "No middle node answers: this is all that the process that was asked knows.\n";
  text += fmt::format(
      "{} of {} partitions owned; {} processes, {} silent; {} XMPP connections, {} sessions\n\n",
      status.at("owned").get<std::int64_t>(), status.at("partitions").get<std::int64_t>(),
      processes.size(), status.at("silent").get<int>(), sum(processes, "connections"),
      sum(processes, "sessions"));
  std::vector<Row> rows = {head_row()};
  for (const Json& process : processes) {
    rows.push_back(process_row(process, several_hosts(processes)));
  }
  return text + aligned(rows);
}

}  // namespace longwire::daemon
