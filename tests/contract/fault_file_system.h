#pragma once

// A file system for RocksDB that loses what was not synced when the power is cut, and that can be
// full.
//
//   auto disk = std::make_shared<FaultFileSystem>(seed);
//   ... open a store on it, write ...
//   disk->cut_power();      // from here on nothing gets through
//   store.reset();
//   disk->restore_power();  // files end at their last sync, or torn a little behind it; files
//   whose
//                           // directory was not synced are gone, renames undone
//
// Lies on the machine's file system: files are real, and truncated when the power comes back.

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "base/guarded.h"

namespace longwire::test {

// Thread-safe, but for cut_power and restore_power, which need the order above.
class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(std::uint64_t seed);

  void cut_power();
  void restore_power();

  // Bytes that still fit; empty: no end. A write that does not fit is written in part, as by a
  // real disk.
  void set_space(std::optional<std::uint64_t> bytes);
  // Syncs answer an input/output error.
  void fail_syncs(bool fail) { syncs_fail_ = fail; }
  std::uint64_t syncs() const { return syncs_; }

  const char* Name() const override { return "FaultFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                       std::unique_ptr<rocksdb::FSWritableFile>*,
                                       rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string&, const std::string&,
                                      const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*,
                                      rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 std::uint64_t* bytes, rocksdb::IODebugContext* debug) override;

 private:
  friend class TrackedFile;
  friend class TrackedDirectory;

  struct FileState {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
  };
  struct Tracked {
    std::map<std::string, FileState> files;
    // Entries whose directory was not synced since: what was under the name before, if anything.
    std::map<std::string, std::optional<std::string>> unsynced_entries;
    std::optional<std::uint64_t> space;
  };

  rocksdb::IOStatus check_power() const;
  // How much of an append of `size` fits.
  std::size_t admit(const std::string& path, std::size_t size);
  rocksdb::IOStatus check_sync();
  void mark_synced(const std::string& path);
  void mark_directory_synced(const std::string& directory);

  std::atomic<bool> powered_ = true;
  std::atomic<bool> syncs_fail_ = false;
  std::atomic<std::uint64_t> syncs_ = 0;
  std::mt19937_64 random_;
  Guarded<Tracked> tracked_;
};

}  // namespace longwire::test
