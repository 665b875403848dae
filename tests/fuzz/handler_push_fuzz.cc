// What comes to the port at which handlers push: each call is answered once, or the bytes are none.

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "channels/handler/push_calls.h"
#include "tests/support/manual_executor.h"

namespace {

namespace channels = longwire::channels;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  longwire::test::ManualClock clock;
  longwire::test::ManualExecutor loop(clock);
  longwire::Metrics metrics;
  channels::HandlersConfig config;
  config.frame_bytes_max = 512;
  channels::HandlerHub hub(
      {.environment = {loop, clock, longwire::system_random(), longwire::null_log(), metrics},
       .config = config,
       .places = {{.channel = "fuzz", .number = 16, .address = "127.0.0.1:1"}},
       .domain = "localhost",
       .push_address = "127.0.0.1:2",
       .dial = [](const channels::HandlerPlace&) {
         return [](channels::HandlerWireEvents&) -> std::unique_ptr<channels::HandlerWire> {
           return nullptr;
         };
       }});
  std::size_t answers = 0;
  channels::PushCalls calls(hub, [&answers](longwire::BytesView answer) {
    CHECK(answer.size() > 4);
    ++answers;
  });
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    if (!calls.feed(bytes.substr(at, 7)).ok()) break;
  }
  loop.run_until_idle();
  // The shortest call has more bytes than this.
  CHECK(answers * 8 <= size);
  return 0;
}
