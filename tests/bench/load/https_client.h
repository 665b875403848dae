#pragma once

// A keep-alive HTTP/1.1 client for load: one request in flight at a time.

#include <functional>
#include <string>
#include <string_view>

#include "tests/bench/load/engine.h"

namespace longwire::bench {

class HttpsClient final : public TlsClient {
 public:
  // Status code and body.
  using Answer = std::function<void(int status, std::string_view body)>;

  explicit HttpsClient(Engine& engine) : TlsClient(engine, "http/1.1") {}

  void request(std::uint16_t port, std::string_view method, std::string_view path,
               std::string_view headers, std::string_view body, Answer answer);
  bool busy() const { return static_cast<bool>(answer_); }
  bool failed() const { return failed_; }

 private:
  void on_connected() override {}
  void on_bytes(std::string_view bytes) override;
  void on_closed() override;

  std::string in_;
  Answer answer_;
  bool failed_ = false;
};

}  // namespace longwire::bench
