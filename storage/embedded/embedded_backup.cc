#include "storage/embedded/embedded_backup.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "storage/embedded/backup_files.h"

namespace longwire::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIncarnationBytes = 8;
constexpr char kMark[] = "longwire backup 1\n";

std::string mark_path(const std::string& backup) { return backup + "/complete"; }

Status write_backup(EmbeddedStore& store, EmbeddedDirectory& directory, const std::string& backup) {
  std::unique_ptr<DirectorySnapshot> snapshot;
  TRY(store.checkpoint(embedded_store_path(backup), [&]() -> Status {
    auto made = directory.snapshot();
    if (!made) return std::move(made).error();
    snapshot = std::move(*made);
    return {};
  }));
  TRY(snapshot->copy_to(embedded_directory_path(backup)));
  TRY(settle_files(backup));
  TRY(write_new_file(mark_path(backup), kMark));
  return sync_folder(backup);
}

Error no_backup(const std::string& backup, const std::string& why) {
  return {ErrorCode::kInvalidArgument,
          backup + " is not a backup: that is a directory made by `longwire backup`, with " +
              "partitions/, directory.sqlite and the mark `complete`; " + why};
}

Status must_be_there(const std::string& backup, const std::string& part) {
  std::error_code error;
  if (fs::exists(part, error)) return {};
  return no_backup(backup, "there is no " + part);
}

Result<middle::StorageInfo> read_info(const std::string& storage) {
  EmbeddedStoreOptions options;
  options.path = embedded_store_path(storage);
  auto store = open_embedded_store(options, system_clock(), null_log());
  if (!store) return std::move(store).error();
  return (*store)->info();
}

Status check_directory(const std::string& storage) {
  EmbeddedDirectoryOptions options;
  options.path = embedded_directory_path(storage);
  options.create = false;
  auto directory = open_embedded_directory(options);
  if (!directory) return std::move(directory).error();
  return (*directory)->check();
}

// Makes a whole storage in `storage`, which does not exist; not to be trusted after an error.
Result<middle::StorageInfo> copy_backup(const std::string& backup, const std::string& storage,
                                        Random& random) {
  TRY(make_private_folder(storage));
  TRY(copy_files(embedded_store_path(backup), embedded_store_path(storage)));
  TRY(copy_files(embedded_directory_path(backup), embedded_directory_path(storage)));
  TRY(check_directory(storage));
  auto info = read_info(storage);
  if (!info) return info;
  info->incarnation = middle::Incarnation(hex_encode(random.bytes(kIncarnationBytes)));
  TRY(set_embedded_info(embedded_store_path(storage), *info));
  TRY(settle_files(storage));
  return info;
}

// The name by which everybody knows a storage: from here on it is one.
Status put_in_place(const std::string& made, const std::string& data) {
  std::error_code error;
  fs::rename(made, data, error);
  if (error) return Error{ErrorCode::kUnavailable, data + ": " + error.message()};
  return sync_folder(fs::absolute(data).parent_path().string());
}

}  // namespace

std::string embedded_store_path(const std::string& directory) { return directory + "/partitions"; }

std::string embedded_directory_path(const std::string& directory) {
  return directory + "/directory.sqlite";
}

std::string unfinished_restore_path(const std::string& data) { return data + ".restoring"; }

Status make_embedded_backup(EmbeddedStore& store, EmbeddedDirectory& directory,
                            const std::string& backup) {
  TRY(make_private_folder(backup));
  Status written = write_backup(store, directory, backup);
  std::error_code ignored;
  if (!written.ok()) fs::remove_all(backup, ignored);
  return written;
}

Status check_embedded_backup(const std::string& backup) {
  TRY(must_be_there(backup, embedded_directory_path(backup)));
  TRY(must_be_there(backup, embedded_store_path(backup) + "/CURRENT"));
  TRY(must_be_there(backup, mark_path(backup)));
  std::ifstream file(mark_path(backup));
  const std::string mark((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (mark != kMark) return no_backup(backup, mark_path(backup) + " is not one this program knows");
  return {};
}

Result<middle::StorageInfo> restore_embedded_backup(const std::string& backup,
                                                    const std::string& data, Random& random) {
  TRY(check_embedded_backup(backup));
  std::error_code error;
  if (fs::exists(data, error) && !fs::is_empty(data, error)) {
    return Error{ErrorCode::kAlreadyExists, data + " is not empty: move it away first"};
  }
  const std::string beside = unfinished_restore_path(data);
  fs::remove_all(beside, error);
  auto info = copy_backup(backup, beside, random);
  const Status placed = info ? put_in_place(beside, data) : Status(info.error());
  if (placed.ok()) return info;
  fs::remove_all(beside, error);
  if (placed.error().code != ErrorCode::kCorrupt) return placed.error();
  return Error{ErrorCode::kCorrupt, "the backup " + backup + " is damaged, and nothing was " +
                                        "restored: " + placed.error().message};
}

}  // namespace longwire::storage
