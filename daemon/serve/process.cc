#include "daemon/serve/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace longwire::daemon {
namespace {

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total_pages = 0;
  std::int64_t resident_pages = 0;
  file >> total_pages >> resident_pages;
  return resident_pages * ::sysconf(_SC_PAGESIZE);
}

std::int64_t open_descriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  return error ? 0 : std::distance(begin(entries), end(entries));
}

std::int64_t cpu_milliseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::int64_t{time.tv_sec} * 1000 + std::int64_t{time.tv_usec} / 1000;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

rlimit descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

// Files come and go meanwhile: those that are gone count nothing.
std::int64_t bytes_below(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::int64_t bytes = 0;
  using Files = std::filesystem::recursive_directory_iterator;
  for (Files file(folder, ignored); file != Files(); file.increment(ignored)) {
    const std::uintmax_t size = file->file_size(ignored);
    if (!ignored) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit = descriptor_limit();
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return descriptor_limit().rlim_cur;
}

ProcessMetrics::ProcessMetrics(Metrics& metrics, std::filesystem::path storage)
    : resident_bytes_(metrics.gauge("longwire_process_resident_bytes", "Memory in use.")),
      open_descriptors_(metrics.gauge("longwire_process_open_descriptors", "Descriptors in use.")),
      descriptors_max_(
          metrics.gauge("longwire_process_descriptors_max", "Descriptors the system allows.")),
      cpu_milliseconds_(metrics.gauge("longwire_process_cpu_milliseconds",
                                      "Processor time used, user and system.")),
      storage_bytes_(metrics.gauge("longwire_storage_bytes", "Files of the storage, together.")),
      storage_(std::move(storage)) {}

void ProcessMetrics::update() {
  resident_bytes_.set(resident_bytes());
  open_descriptors_.set(open_descriptors());
  descriptors_max_.set(static_cast<std::int64_t>(descriptor_limit().rlim_cur));
  cpu_milliseconds_.set(cpu_milliseconds());
  storage_bytes_.set(bytes_below(storage_));
}

}  // namespace longwire::daemon
