#pragma once

// A directory that is gone after the test.

#include <cstdlib>
#include <filesystem>
#include <string>

namespace longwire::sdk {

class TemporaryDirectory final {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "longwire-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string path(const std::string& name = "state") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace longwire::sdk
