#pragma once

// Documents of the checkout, read by tests that hold them equal to the code. Tests run in its root.

#include <fstream>
#include <string>
#include <vector>

namespace longwire::http::test {

inline std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace longwire::http::test
