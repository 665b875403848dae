#pragma once

// The files of a backup, and of a storage being restored. Private to this folder. All block; all
// errors are kUnavailable and name the path.

#include <string>
#include <string_view>

#include "base/result.h"

namespace longwire::storage {

// A folder for its owner only. kAlreadyExists: something is there.
Status make_private_folder(const std::string& path);

// Copies a file, or a folder with all below it, to a name that does not exist.
Status copy_files(const std::string& from, const std::string& to);

// A folder and all below it, for their owner only (0700 and 0600) and on the disk when it returns.
Status settle_files(const std::string& folder);

// Writes a file that does not exist yet (0600).
Status write_new_file(const std::string& path, std::string_view text);

// Files and folders made in, or renamed into, `folder` are found there after a power cut.
Status sync_folder(const std::string& folder);

}  // namespace longwire::storage
