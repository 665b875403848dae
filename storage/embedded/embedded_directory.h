#pragma once

// The embedded directory: one SQLite file, write-ahead log, synced at each commit.
//
// One thread writes: what waits goes into one transaction. Another reads. Callbacks run on these
// two threads; they are short. A full queue, a full disk and a busy file answer kUnavailable and
// leave nothing changed.

#include <cstddef>
#include <memory>
#include <string>

#include "middle/ports/directory.h"

namespace longwire::storage {

struct EmbeddedDirectoryOptions {
  std::string path;  // the file
  // Whether the file, or its tables where it is empty, are made where they are absent. false is for
  // a directory that was made before: without its tables it is lost, not new.
  bool create = true;
  // false loses acknowledged writes in a power cut; for tests that show just that.
  bool sync = true;
  std::size_t writes_queued_max = 4096;
  std::size_t reads_queued_max = 4096;
  std::size_t group_max = 256;  // writes in one transaction
};

// What the directory was at one moment. Used by one thread at a time; goes before its directory.
class DirectorySnapshot {
 public:
  virtual ~DirectorySnapshot() = default;
  // Writes it into a new file. Blocks.
  virtual Status copy_to(const std::string& path) = 0;
};

// Thread-safe. Destroying it answers all calls, then closes the file.
class EmbeddedDirectory : public middle::Directory {
 public:
  // The moment of the call; holds the write-ahead log until it is destroyed. Blocks, shortly.
  virtual Result<std::unique_ptr<DirectorySnapshot>> snapshot() = 0;
  // Reads every page of the file. kCorrupt: damaged, and where. Blocks, long.
  virtual Status check() = 0;
};

// Errors: kUnsupported (a newer schema), kCorrupt (also: lost, see `create`), kUnavailable.
Result<std::unique_ptr<EmbeddedDirectory>> open_embedded_directory(
    const EmbeddedDirectoryOptions& options);

}  // namespace longwire::storage
