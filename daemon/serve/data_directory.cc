#include "daemon/serve/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace longwire::daemon {
namespace {

Error failed(const char* what, const std::filesystem::path& path) {
  const int code = errno;
  return {code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
          fmt::format("{} {}: {}", what, path.string(), std::generic_category().message(code))};
}

Error unfit(const std::filesystem::path& path, std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("read {}: it {}", path.string(), why)};
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
  const bool made = std::filesystem::create_directories(paths.root(), error);
  if (error) {
    return Error{ErrorCode::kUnavailable, fmt::format("cannot make the data directory {}: {}",
                                                      paths.root().string(), error.message())};
  }
  // One that somebody else made keeps its mode: it may be shared. What is secret in it is not.
  if (made) ::chmod(paths.root().c_str(), 0700);
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
  // Not blocking: a pipe without a writer would stop a running server that reads again.
  const net::Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return failed("read", path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failed("read", path);
  if (!S_ISREG(status.st_mode)) {
    return unfit(path, S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file");
  }
  std::string text;
  while (text.size() <= kReadFileBytesMax) {
    std::array<char, 4096> part{};
    const ssize_t got = ::read(file.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return unfit(path, fmt::format("has more than {} bytes", kReadFileBytesMax));
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
