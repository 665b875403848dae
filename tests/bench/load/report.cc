#include "tests/bench/load/report.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace longwire::bench {

void print(const nlohmann::json& line) {
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

double since(Instant start) { return std::chrono::duration<double>(now() - start).count(); }

double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

std::string authorization(const Target& target) {
  return "Authorization: key=" + target.app_secret +
         "\r\nContent-Type: application/x-www-form-urlencoded\r\n";
}

std::string send_form(const std::string& target_parameter, const std::string& package) {
  return target_parameter + "&restricted_package_name=" + package +
         "&title=Bench&description=A%20message&payload=" + std::string(180, 'x') +
         "&pass_through=1";
}

void expect_accepted(int status, std::string_view body) {
  if (status == 200 && body.find("\"code\":0") != std::string_view::npos) return;
  std::fprintf(stderr, "load: send refused (%d): %.*s\n", status, static_cast<int>(body.size()),
               body.data());
  std::exit(2);
}

void settle(Engine& engine, std::chrono::milliseconds time) {
  engine.run_until([] { return false; }, time);
}

}  // namespace longwire::bench
