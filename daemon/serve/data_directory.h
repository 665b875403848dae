#pragma once

// The data directory: where everything of one server lies, and who has it.
//
//   lock               held while a server, or a command that writes, uses the directory
//   control.sock       commands of the command line (mode 0600)
//   workers.sock       where workers reach the middle tier of their supervisor (mode 0600)
//   longwire.toml      configuration, where --config names none
//   tls/cert.pem       certificate;  tls/key.pem (mode 0600) its key
//   demo.json          credentials of the demo app and user (mode 0600)
//   storage/partitions RocksDB;  storage/directory.sqlite  SQLite

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/net/address.h"
#include "base/result.h"

namespace longwire::daemon {

// Names only; opens nothing. Immutable.
class DataPaths final {
 public:
  explicit DataPaths(std::filesystem::path root) : root_(std::move(root)) {}
  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path lock() const { return root_ / "lock"; }
  std::filesystem::path workers_socket() const { return root_ / "workers.sock"; }
  std::filesystem::path configuration() const { return root_ / "longwire.toml"; }
  std::filesystem::path certificate() const { return root_ / "tls" / "cert.pem"; }
  std::filesystem::path private_key() const { return root_ / "tls" / "key.pem"; }
  std::filesystem::path demo() const { return root_ / "demo.json"; }
  std::filesystem::path storage() const { return root_ / "storage"; }
  std::filesystem::path partitions() const { return storage() / "partitions"; }
  std::filesystem::path directory() const { return storage() / "directory.sqlite"; }

 private:
  std::filesystem::path root_;
};

// Makes the directory (mode 0700) where it is not there, and holds its lock while it lives; the
// lock goes with the process, however that ends. kAlreadyExists: another process has it.
class DataLock final {
 public:
  static Result<DataLock> take(const DataPaths& paths);

 private:
  explicit DataLock(net::Descriptor lock) : lock_(std::move(lock)) {}
  net::Descriptor lock_;
};

// What we read into memory is configuration, certificates and keys.
inline constexpr std::size_t kReadFileBytesMax = 4 * 1024 * 1024;

// A regular file's text. kNotFound: there is none. kInvalidArgument: a directory, a device, a pipe,
// or longer than kReadFileBytesMax.
Result<std::string> read_file(const std::filesystem::path& path);

// All or nothing, and on the disk when it returns: a new file beside, then renamed.
Status write_file(const std::filesystem::path& path, std::string_view text, unsigned mode);

}  // namespace longwire::daemon
