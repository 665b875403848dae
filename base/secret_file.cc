#include "base/secret_file.h"

#include <fstream>
#include <iterator>
#include <utility>

namespace longwire {

Result<Secret> read_secret_file(const std::string& key, const std::string& path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file.is_open() || file.bad())
    return Error{ErrorCode::kUnavailable, key + " " + path + " cannot be read"};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return Secret(std::move(text));
}

}  // namespace longwire
