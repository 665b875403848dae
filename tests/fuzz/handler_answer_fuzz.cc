// What a channel's handler sends: answers to a welcome and to requests. Whatever it is, it answers
// each request once, or ends the connection.

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "channels/handler/handler_link.h"
#include "tests/support/manual_executor.h"

namespace {

using longwire::BytesView;
namespace channels = longwire::channels;

// Input comes to whoever connected last.
struct Pipe {
  struct Wire final : channels::HandlerWire {
    explicit Wire(Pipe& p) : pipe(p) {}
    ~Wire() override { pipe.events = nullptr; }
    void write(BytesView bytes) override { CHECK(bytes.size() > 4); }
    bool blocked() const override { return false; }
    void close() override { pipe.events = nullptr; }
    Pipe& pipe;
  };
  channels::HandlerDial dial() {
    return [this](channels::HandlerWireEvents& its_events) {
      auto wire = std::make_unique<Wire>(*this);
      events = &its_events;
      return wire;
    };
  }
  channels::HandlerWireEvents* events = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  longwire::test::ManualClock clock;
  longwire::test::ManualExecutor loop(clock);
  longwire::Metrics metrics;
  channels::HandlersConfig config;
  config.frame_bytes_max = 512;
  config.calls_in_flight_max = 4;
  Pipe pipe;
  int waiting = 0;
  {
    channels::HandlerLink link(
        {.environment = {loop, clock, longwire::system_random(), longwire::null_log(), metrics},
         .config = config,
         .welcome = {.channel = "fuzz"},
         .dial = pipe.dial()});
    link.start();
    for (std::size_t at = 0; at < bytes.size() && pipe.events != nullptr; at += 7) {
      pipe.events->on_data(bytes.substr(at, 7));
      ++waiting;
      link.call(1, {}, [&waiting](const longwire::Result<longwire::Bytes>& with) {
        CHECK(!with.ok() || with->size() <= 512);
        --waiting;
      });
    }
    loop.advance(config.call_timeout);
    CHECK(waiting == 0);
  }
  return 0;
}
