#include "daemon/transfer/move_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace longwire::daemon {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr mode_t kOwnerOnly = 0600;

Error failed(const char* what, const std::string& path) {
  const int code = errno;
  ErrorCode kind = ErrorCode::kUnavailable;
  if (code == ENOENT) kind = ErrorCode::kNotFound;
  if (code == EEXIST) kind = ErrorCode::kAlreadyExists;
  return {kind, fmt::format("{} {}: {}", what, path, std::generic_category().message(code))};
}

Status write_all(int file, BytesView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Error exists(const std::string& path) {
  return {ErrorCode::kAlreadyExists,
          path + " exists: name a file that does not, nothing is overwritten"};
}

Status sync_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  const net::Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid() || ::fsync(opened.get()) != 0) return failed("sync", folder.string());
  return {};
}

class NamedFileWriter final : public MoveFileWriter {
 public:
  NamedFileWriter(std::string path, std::string beside, net::Descriptor file)
      : path_(std::move(path)), beside_(std::move(beside)), file_(std::move(file)) {}
  ~NamedFileWriter() override {
    if (!whole_) ::unlink(beside_.c_str());
  }
  NamedFileWriter(const NamedFileWriter&) = delete;
  NamedFileWriter& operator=(const NamedFileWriter&) = delete;

  Status write(BytesView bytes) override {
    buffer_.append(bytes);
    return buffer_.size() < kBufferBytes ? Status() : flush();
  }

  Status finish() override {
    TRY(flush());
    if (::fsync(file_.get()) != 0) return failed("sync", beside_);
    whole_ = true;
    if (take_name() == 0) return sync_folder_of(path_);
    Error error = errno == EEXIST ? exists(path_) : failed("name", path_);
    error.message += "; the whole export lies in " + beside_;
    return error;
  }

 private:
  // What got the name meanwhile stays. NFS knows no such renaming, and FAT no links.
  int take_name() {
    if (::renameat2(AT_FDCWD, beside_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) {
      return 0;
    }
    if (errno == EEXIST || ::link(beside_.c_str(), path_.c_str()) != 0) return -1;
    return ::unlink(beside_.c_str());
  }
  Status flush() {
    TRY(write_all(file_.get(), buffer_, beside_));
    buffer_.clear();
    return {};
  }

  const std::string path_;
  const std::string beside_;
  const net::Descriptor file_;
  Bytes buffer_;
  bool whole_ = false;  // all of it is on the disk
};

class StandardOutput final : public MoveFileWriter {
 public:
  Status write(BytesView bytes) override { return write_all(STDOUT_FILENO, bytes, "the output"); }
  Status finish() override { return {}; }
};

class DescriptorReader final : public MoveFileReader {
 public:
  DescriptorReader(std::string path, int file, net::Descriptor own)
      : path_(std::move(path)), file_(file), own_(std::move(own)) {}

  Result<std::size_t> read(std::span<char> out) override {
    for (;;) {
      const ssize_t got = ::read(file_, out.data(), out.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return failed("read", path_);
    }
  }
  bool rewind() override { return ::lseek(file_, 0, SEEK_SET) == 0; }

 private:
  const std::string path_;
  const int file_;
  const net::Descriptor own_;
};

}  // namespace

Result<std::unique_ptr<MoveFileWriter>> MoveFileWriter::open(const std::string& path) {
  if (path == kStandardStream) {
    if (::isatty(STDOUT_FILENO) != 0) {
      return Error{ErrorCode::kInvalidArgument, "the output is a terminal: name a file, or a pipe"};
    }
    return std::unique_ptr<MoveFileWriter>(std::make_unique<StandardOutput>());
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return exists(path);
  std::string beside = path + ".new";
  ::unlink(beside.c_str());
  net::Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (!file.valid()) return failed("make", beside);
  return std::unique_ptr<MoveFileWriter>(
      std::make_unique<NamedFileWriter>(path, std::move(beside), std::move(file)));
}

Result<std::unique_ptr<MoveFileReader>> MoveFileReader::open(const std::string& path) {
  if (path == kStandardStream) {
    return std::unique_ptr<MoveFileReader>(
        std::make_unique<DescriptorReader>("the input", STDIN_FILENO, net::Descriptor()));
  }
  net::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failed("read", path);
  const int number = file.get();
  return std::unique_ptr<MoveFileReader>(
      std::make_unique<DescriptorReader>(path, number, std::move(file)));
}

}  // namespace longwire::daemon
