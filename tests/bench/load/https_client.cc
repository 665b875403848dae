#include "tests/bench/load/https_client.h"

#include <cstdlib>
#include <utility>

namespace longwire::bench {
namespace {

// Our server answers with Content-Length always; 0 where it is missing.
std::size_t content_length(std::string_view head) {
  for (const std::string_view name : {"content-length: ", "Content-Length: "}) {
    const std::size_t at = head.find(name);
    if (at != std::string_view::npos)
      return std::strtoul(head.data() + at + name.size(), nullptr, 10);
  }
  return 0;
}

}  // namespace

void HttpsClient::request(std::uint16_t port, std::string_view method, std::string_view path,
                          std::string_view headers, std::string_view body, Answer answer) {
  answer_ = std::move(answer);
  if (!is_open()) connect(port);
  std::string text;
  text.reserve(256 + headers.size() + body.size());
  text.append(method)
      .append(" ")
      .append(path)
      .append(" HTTP/1.1\r\nHost: localhost\r\n")
      .append(headers);
  text.append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
  send(text);
}

void HttpsClient::on_bytes(std::string_view bytes) {
  in_.append(bytes);
  const std::size_t head_end = in_.find("\r\n\r\n");
  if (head_end == std::string::npos) return;
  const std::string_view head = std::string_view(in_).substr(0, head_end);
  const std::size_t size = head_end + 4 + content_length(head);
  if (in_.size() < size) return;
  const int status = std::atoi(in_.c_str() + 9);
  const std::string body = in_.substr(head_end + 4, size - head_end - 4);
  in_.erase(0, size);
  std::exchange(answer_, nullptr)(status, body);
}

void HttpsClient::on_closed() {
  failed_ = true;
  in_.clear();
  if (answer_) std::exchange(answer_, nullptr)(0, "");
}

}  // namespace longwire::bench
