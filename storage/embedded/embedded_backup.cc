#include "storage/embedded/embedded_backup.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"

namespace longwire::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIncarnationBytes = 8;

Status to_status(const std::error_code& error, const std::string& path) {
  if (!error) return {};
  return Error{ErrorCode::kUnavailable, path + ": " + error.message()};
}

Status write_backup(EmbeddedStore& store, EmbeddedDirectory& directory, const std::string& backup) {
  std::unique_ptr<DirectorySnapshot> snapshot;
  TRY(store.checkpoint(embedded_store_path(backup), [&]() -> Status {
    auto made = directory.snapshot();
    if (!made) return std::move(made).error();
    snapshot = std::move(*made);
    return {};
  }));
  return snapshot->copy_to(embedded_directory_path(backup));
}

Result<middle::StorageInfo> read_info(const std::string& data) {
  EmbeddedStoreOptions options;
  options.path = embedded_store_path(data);
  auto store = open_embedded_store(options, system_clock(), null_log());
  if (!store) return std::move(store).error();
  return (*store)->info();
}

}  // namespace

std::string embedded_store_path(const std::string& directory) { return directory + "/partitions"; }

std::string embedded_directory_path(const std::string& directory) {
  return directory + "/directory.sqlite";
}

Status make_embedded_backup(EmbeddedStore& store, EmbeddedDirectory& directory,
                            const std::string& backup) {
  std::error_code error;
  if (!fs::create_directory(backup, error)) {
    if (error) return to_status(error, backup);
    return Error{ErrorCode::kAlreadyExists, backup + " exists"};
  }
  Status written = write_backup(store, directory, backup);
  if (!written.ok()) fs::remove_all(backup, error);
  return written;
}

Result<middle::StorageInfo> restore_embedded_backup(const std::string& backup,
                                                    const std::string& data, Random& random) {
  std::error_code error;
  if (fs::exists(data, error) && !fs::is_empty(data, error)) {
    return Error{ErrorCode::kAlreadyExists, data + " is not empty"};
  }
  fs::create_directories(data, error);
  TRY(to_status(error, data));
  fs::copy(backup, data, fs::copy_options::recursive, error);
  TRY(to_status(error, backup));
  const middle::Incarnation incarnation(hex_encode(random.bytes(kIncarnationBytes)));
  TRY(set_embedded_incarnation(embedded_store_path(data), incarnation));
  return read_info(data);
}

}  // namespace longwire::storage
