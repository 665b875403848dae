#include "daemon/serve/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace longwire::daemon {
namespace {

Error failed(const char* what, const std::filesystem::path& path) {
  const int code = errno;
  return {code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
          fmt::format("{} {}: {}", what, path.string(), std::generic_category().message(code))};
}

Status write_all(int file, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0 ? Status() : failed("sync", path);
}

}  // namespace

Result<DataLock> DataLock::take(const DataPaths& paths) {
  std::error_code error;
  std::filesystem::create_directories(paths.root(), error);
  if (error) {
    return Error{ErrorCode::kUnavailable, fmt::format("cannot make the data directory {}: {}",
                                                      paths.root().string(), error.message())};
  }
  ::chmod(paths.root().c_str(), 0700);
  net::Descriptor lock(::open(paths.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return failed("open", paths.lock());
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kAlreadyExists,
                 fmt::format("another longwire process uses the data directory {}; stop it, or "
                             "name another with --data",
                             paths.root().string())};
  }
  return DataLock(std::move(lock));
}

Result<std::string> read_file(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed("read", path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Status write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  auto beside = path;
  beside += ".new";
  {
    net::Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                                static_cast<mode_t>(mode)));
    if (!file.valid()) return failed("write", beside);
    TRY(write_all(file.get(), text, beside));
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return failed("rename to", path);
  return {};
}

}  // namespace longwire::daemon
