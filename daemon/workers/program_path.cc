#include "daemon/workers/program_path.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace longwire::daemon {
namespace {

bool is_program(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

std::string absolute_program(const std::filesystem::path& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return !error && is_program(absolute) ? absolute.string() : std::string();
}

}  // namespace

std::string program_path(std::string_view called, std::string_view search) {
  if (called.find('/') != std::string_view::npos) return absolute_program(called);
  while (!called.empty() && !search.empty()) {
    const std::size_t end = search.find(':');
    const std::filesystem::path folder(search.substr(0, end));
    if (auto found = absolute_program(folder / called); !found.empty()) return found;
    search = end == std::string_view::npos ? std::string_view() : search.substr(end + 1);
  }
  return {};
}

}  // namespace longwire::daemon
