#include "tests/contract/fault_file_system.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace longwire::test {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

std::string directory_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::optional<std::string> content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(FaultFileSystem& owner, std::string path, std::unique_ptr<FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), owner_(owner), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus power = owner_.check_power(); !power.ok()) return power;
    const std::size_t fits = owner_.admit(path_, data.size());
    IOStatus status = target()->Append(Slice(data.data(), fits), options, debug);
    if (status.ok() && fits < data.size()) return IOStatus::NoSpace("no space left on device");
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  // The real disk is not asked: what counts as kept is decided here.
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return target()->Close(options, debug);
  }

 private:
  IOStatus sync() {
    if (IOStatus fault = owner_.check_sync(); !fault.ok()) return fault;
    owner_.mark_synced(path_);
    return IOStatus::OK();
  }

  FaultFileSystem& owner_;
  const std::string path_;
};

class TrackedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  TrackedDirectory(FaultFileSystem& owner, std::string path, std::unique_ptr<FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), owner_(owner), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return sync();
  }

 private:
  IOStatus sync() {
    if (IOStatus fault = owner_.check_sync(); !fault.ok()) return fault;
    owner_.mark_directory_synced(path_);
    return IOStatus::OK();
  }

  FaultFileSystem& owner_;
  const std::string path_;
};

FaultFileSystem::FaultFileSystem(std::uint64_t seed)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), random_(seed) {}

void FaultFileSystem::cut_power() { powered_ = false; }

void FaultFileSystem::restore_power() {
  auto tracked = tracked_.lock();
  for (const auto& [path, state] : tracked->files) {
    if (!std::filesystem::exists(path)) continue;
    // The disk may have written some of what it was not asked to keep.
    const std::uint64_t torn = random_() % (state.written - state.synced + 1);
    std::filesystem::resize_file(path, state.synced + torn);
  }
  for (const auto& [path, before] : tracked->unsynced_entries) {
    std::filesystem::remove(path);
    if (before) std::ofstream(path, std::ios::binary) << *before;
  }
  tracked->files.clear();
  tracked->unsynced_entries.clear();
  powered_ = true;
}

void FaultFileSystem::set_space(std::optional<std::uint64_t> bytes) {
  tracked_.lock()->space = bytes;
}

IOStatus FaultFileSystem::check_power() const {
  return powered_ ? IOStatus::OK() : IOStatus::IOError("the power is off");
}

IOStatus FaultFileSystem::check_sync() {
  ++syncs_;
  if (syncs_fail_) return IOStatus::IOError("the disk failed to sync");
  return check_power();
}

std::size_t FaultFileSystem::admit(const std::string& path, std::size_t size) {
  auto tracked = tracked_.lock();
  if (tracked->space) {
    size = std::min<std::size_t>(size, *tracked->space);
    *tracked->space -= size;
  }
  tracked->files[path].written += size;
  return size;
}

void FaultFileSystem::mark_synced(const std::string& path) {
  auto tracked = tracked_.lock();
  FileState& state = tracked->files[path];
  state.synced = state.written;
}

void FaultFileSystem::mark_directory_synced(const std::string& directory) {
  std::erase_if(tracked_.lock()->unsynced_entries,
                [&](const auto& entry) { return directory_of(entry.first) == directory; });
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                          std::unique_ptr<FSWritableFile>* file,
                                          IODebugContext* debug) {
  if (IOStatus power = check_power(); !power.ok()) return power;
  const bool existed = std::filesystem::exists(path);
  IOStatus status = target()->NewWritableFile(path, options, file, debug);
  if (!status.ok()) return status;
  auto tracked = tracked_.lock();
  tracked->files[path] = {};
  if (!existed) tracked->unsynced_entries.emplace(path, std::nullopt);
  *file = std::make_unique<TrackedFile>(*this, path, std::move(*file));
  return status;
}

// RocksDB, as we configure it, writes new files only.
IOStatus FaultFileSystem::ReopenWritableFile(const std::string& path, const FileOptions&,
                                             std::unique_ptr<FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("reopening " + path);
}

IOStatus FaultFileSystem::ReuseWritableFile(const std::string& path, const std::string&,
                                            const FileOptions&, std::unique_ptr<FSWritableFile>*,
                                            IODebugContext*) {
  return IOStatus::NotSupported("reusing " + path);
}

IOStatus FaultFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                       std::unique_ptr<FSDirectory>* directory,
                                       IODebugContext* debug) {
  IOStatus status = target()->NewDirectory(path, options, directory, debug);
  if (!status.ok()) return status;
  *directory = std::make_unique<TrackedDirectory>(*this, path, std::move(*directory));
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                     IODebugContext* debug) {
  if (IOStatus power = check_power(); !power.ok()) return power;
  {
    auto tracked = tracked_.lock();
    tracked->files.erase(path);
    tracked->unsynced_entries.erase(path);
  }
  return target()->DeleteFile(path, options, debug);
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  if (IOStatus power = check_power(); !power.ok()) return power;
  auto before = content_of(to);
  IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  auto tracked = tracked_.lock();
  if (auto node = tracked->files.extract(from)) {
    node.key() = to;
    tracked->files.erase(to);
    tracked->files.insert(std::move(node));
  }
  tracked->unsynced_entries.erase(from);
  tracked->unsynced_entries.emplace(to, std::move(before));
  return status;
}

IOStatus FaultFileSystem::GetFreeSpace(const std::string& path, const IOOptions& options,
                                       std::uint64_t* bytes, IODebugContext* debug) {
  {
    auto tracked = tracked_.lock();
    if (tracked->space) {
      *bytes = *tracked->space;
      return IOStatus::OK();
    }
  }
  return target()->GetFreeSpace(path, options, bytes, debug);
}

}  // namespace longwire::test
