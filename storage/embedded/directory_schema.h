#pragma once

// The tables of the embedded directory, and how an older file becomes one of today. The schema's
// version is SQLite's user_version. Private to this folder.

#include <string>

#include "base/result.h"
#include "storage/embedded/sqlite.h"

namespace longwire::storage {

// Makes each commit of `connection` durable (but without `sync`, for tests), and brings the schema
// up to date. kUnsupported: the file is newer. kCorrupt: it has no tables and may not `create`
// them.
Status prepare_directory_schema(SqliteConnection& connection, bool sync, bool create);

// What happened to a directory that was made before and is not there, and what to do.
Error lost_directory(const std::string& what);

}  // namespace longwire::storage
