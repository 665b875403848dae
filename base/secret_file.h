#pragma once

// Secrets that lie in a file, so that neither a command line nor a configuration shows them.

#include <string>

#include "base/config.h"
#include "base/result.h"

namespace longwire {

// The file's text without line ends behind it. `key` names it in the error. Blocks.
// kUnavailable: it cannot be read, now.
Result<Secret> read_secret_file(const std::string& key, const std::string& path);

}  // namespace longwire
