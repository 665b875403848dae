#pragma once

// The tables of the embedded directory, and how an older file becomes one of today. The schema's
// version is SQLite's user_version. Private to this folder.

#include "base/result.h"
#include "storage/embedded/sqlite.h"

namespace longwire::storage {

// Makes each commit of `connection` durable (but without `sync`, for tests), and brings the schema
// up to date. kUnsupported: the file is newer.
Status prepare_directory_schema(SqliteConnection& connection, bool sync);

}  // namespace longwire::storage
