// HTTP/1.1 requests on one connection: the same requests out however the bytes were cut.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "http_front/protocol/http1_parser.h"

namespace {

std::vector<std::string> read_all(std::string_view bytes, std::size_t cut) {
  longwire::http::Http1Parser parser(
      {.head_bytes_max = 4096, .fields_max = 20, .body_bytes_max = 4096});
  std::vector<std::string> requests;
  for (std::size_t at = 0; at < bytes.size(); at += cut) {
    std::string_view part = bytes.substr(at, cut);
    while (!part.empty() && parser.refusal() == nullptr) {
      part.remove_prefix(parser.consume(part));
      if (parser.complete()) requests.push_back(parser.take_request().body);
    }
  }
  if (parser.refusal() != nullptr) requests.push_back("refused");
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all(bytes, std::max<std::size_t>(size, 1));
  CHECK(whole == read_all(bytes, 1));
  CHECK(whole == read_all(bytes, 5));
  return 0;
}
