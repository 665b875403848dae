#include "tests/bench/load/process.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace longwire::bench {

namespace {

double cpu_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) {
    std::fprintf(stderr, "load: the server (pid %d) is gone\n", pid);
    std::exit(2);
  }
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t bytes_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10) * 1024;
  return 0;
}

}  // namespace

double cpu_seconds(const std::vector<int>& pids) {
  double all = 0;
  for (const int pid : pids) all += cpu_of(pid);
  return all;
}

std::uint64_t private_bytes(const std::vector<int>& pids) {
  std::uint64_t all = 0;
  for (const int pid : pids) all += bytes_of(pid);
  return all;
}

}  // namespace longwire::bench
