#include "storage/embedded/backup_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace longwire::storage {
namespace {

namespace fs = std::filesystem;

Error failed(const std::string& path, const std::error_code& error) {
  return {ErrorCode::kUnavailable, path + ": " + error.message()};
}

Error last_failure(const std::string& path) {
  return failed(path, std::error_code(errno, std::generic_category()));
}

// Closes `file`; where the last call on it was not `done`, tells why.
Status finish(int file, bool done, const std::string& path) {
  Status outcome = done ? Status() : Status(last_failure(path));
  ::close(file);
  return outcome;
}

Status sync(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return last_failure(path);
  return finish(file, ::fsync(file) == 0, path);
}

Status settle(const std::string& path, unsigned mode) {
  if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) return last_failure(path);
  return sync(path);
}

}  // namespace

Status make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno == EEXIST) return Error{ErrorCode::kAlreadyExists, path + " exists"};
  return last_failure(path);
}

Status copy_files(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive, error);
  return error ? Status(failed(from, error)) : Status();
}

Status settle_files(const std::string& folder) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    TRY(settle(entry->path().string(), entry->is_directory(error) ? 0700 : 0600));
  }
  if (error) return failed(folder, error);
  return settle(folder, 0700);
}

Status write_new_file(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return last_failure(path);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return finish(file, written && ::fsync(file) == 0, path);
}

Status sync_folder(const std::string& folder) { return sync(folder); }

}  // namespace longwire::storage
