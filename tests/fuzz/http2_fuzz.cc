// One HTTP/2 connection: whatever comes, however cut and whenever answered, no limit is passed, no
// byte of a body stays counted, and the session can be brought to its end.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "http_front/protocol/session.h"

namespace {

namespace http = longwire::http;
using longwire::MonotonicTime;

// Small, so that short inputs come near them.
const http::SessionLimits kLimits{
    .parser = {.head_bytes_max = 512, .fields_max = 4, .body_bytes_max = 64},
    .requests_max = 20,
    .streams_max = 8,
    .unfinished_bodies_max = 128,
    .control_frames_burst = 10,
    .control_frames_per_second = 100,
};

enum class Answers { kAtOnce, kAfterEachPiece, kNever };

class Host final : public http::SessionHost {
 public:
  explicit Host(Answers answers) : answers_(answers) {}

  void on_request(http::StreamId stream, http::Request request) override {
    CHECK(++requests_ <= kLimits.requests_max);
    CHECK(request.body.size() <= kLimits.parser.body_bytes_max);
    CHECK(request.headers.size() <= kLimits.parser.fields_max);
    CHECK(request.headers.bytes() <= kLimits.parser.head_bytes_max);
    CHECK(request.path_size <= request.target.size());
    open_.push_back(stream);
    if (answers_ == Answers::kAtOnce) answer({});
  }
  void on_output(longwire::BytesView) override {}
  std::string_view date() const override { return "Thu, 01 Jan 1970 00:00:00 GMT"; }

  void after_piece(MonotonicTime now) {
    if (answers_ == Answers::kAfterEachPiece) answer(now);
  }
  http::Session* session = nullptr;

 private:
  void answer(MonotonicTime now) {
    for (const http::StreamId stream : std::exchange(open_, {})) {
      http::Response response;
      response.body = "some words";
      session->respond(stream, std::move(response), now);
    }
  }
  Answers answers_;
  std::size_t requests_ = 0;
  std::vector<http::StreamId> open_;
};

void run(std::string_view bytes, std::size_t cut, Answers answers) {
  http::BodyMemory memory{.used = 0, .max = 256};
  MonotonicTime now{};
  Host host(answers);
  auto session = http::make_http2_session(kLimits, memory, host, now);
  host.session = session.get();
  for (std::size_t at = 0; at < bytes.size() && !session->finished(); at += cut) {
    now += std::chrono::milliseconds(1);
    session->receive(bytes.substr(at, cut), now);
    CHECK(memory.used <= kLimits.unfinished_bodies_max);
    host.after_piece(now);
  }
  // Nobody answers any more, nothing comes any more: time alone ends it.
  session->shut_down(now);
  session->check_time(now + std::chrono::hours(1));
  CHECK(session->finished());
  session.reset();
  CHECK(memory.used == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t whole = std::max<std::size_t>(size, 1);
  for (const std::size_t cut : {whole, std::size_t{1}, std::size_t{13}})
    for (const Answers answers : {Answers::kAtOnce, Answers::kAfterEachPiece, Answers::kNever})
      run(bytes, cut, answers);
  return 0;
}
