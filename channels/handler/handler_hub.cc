#include "channels/handler/handler_hub.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "channels/handler/handler_channel.h"
#include "middle/limit/token_bucket.h"

namespace longwire::channels {
namespace {

constexpr std::size_t kKeyBytes = 16;

// A push on its way to all front-end loops, and back.
struct Gathering {
  std::size_t waits_for = 0;
  std::int32_t sessions = 0;
  Callback<std::int32_t> done;

  void add(std::int32_t reached) {
    sessions += reached;
    if (--waits_for == 0) done(sessions);
  }
};

}  // namespace

struct HandlerHub::Served {
  Served(const Parts& parts, const HandlerPlace& its_place)
      : place(its_place),
        key(parts.environment.random.bytes(kKeyBytes)),
        link({.environment = parts.environment,
              .config = parts.config,
              .welcome = {.channel = place.channel,
                          .domain = parts.domain,
                          .push_address = parts.push_address,
                          .push_key = key,
                          .frame_bytes_max =
                              static_cast<std::int32_t>(parts.config.frame_bytes_max)},
              .dial = parts.dial(place)}),
        rate(static_cast<double>(parts.config.pushes_per_second),
             parts.environment.clock.monotonic()),
        pushes(parts.environment.metrics.counter("longwire_handler_pushes_total",
                                                 "Frames that handlers pushed to sessions.",
                                                 {{"channel", place.channel}})) {}

  const HandlerPlace place;
  const Bytes key;
  HandlerLink link;
  middle::TokenBucket rate;
  Counter& pushes;
  std::vector<std::shared_ptr<HandlerDoor>> doors;
};

HandlerHub::HandlerHub(Parts parts) : parts_(std::move(parts)) {
  for (const HandlerPlace& place : parts_.places)
    served_.push_back(std::make_unique<Served>(parts_, place));
}

HandlerHub::~HandlerHub() = default;

void HandlerHub::start() {
  for (const auto& served : served_) served->link.start();
}

void HandlerHub::make_channels(ChannelTable& table, Environment environment) {
  for (const auto& served : served_) {
    auto door = std::make_shared<HandlerDoor>(HandlerDoor{environment.executor});
    table.add(std::make_unique<HandlerChannel>(*this, served->link, served->place, door));
    executor().post([to = served.get(), door = std::move(door)] { to->doors.push_back(door); });
  }
}

HandlerHub::Served* HandlerHub::by_key(const Bytes& key) {
  for (const auto& served : served_)
    if (constant_time_equal(served->key, key)) return served.get();
  return nullptr;
}

void HandlerHub::push(PushCall call, Callback<std::int32_t> done) {
  const auto refuse = [&](Error error) {
    executor().post(
        [done = std::move(done), error = std::move(error)]() mutable { done(std::move(error)); });
  };
  Served* served = by_key(call.key);
  if (served == nullptr)
    return refuse({ErrorCode::kPermissionDenied, "no channel has this key", {}});
  if (call.payload.size() > static_cast<std::size_t>(parts_.config.frame_bytes_max))
    return refuse({ErrorCode::kInvalidArgument, "the payload is too long", {}});
  const auto wait = served->rate.take(1, parts_.environment.clock.monotonic());
  if (wait.count() != 0)
    return refuse({ErrorCode::kResourceExhausted, "too many pushes a second", wait});
  fan_out(*served, std::move(call), std::move(done));
}

void HandlerHub::fan_out(Served& served, PushCall call, Callback<std::int32_t> done) {
  if (served.doors.empty()) return executor().post([done = std::move(done)]() mutable { done(0); });
  // Both shared by the tasks of all loops; the gathering is touched on the hub's.
  const auto gathering = std::make_shared<Gathering>();
  const auto shared = std::make_shared<const PushCall>(std::move(call));
  gathering->waits_for = served.doors.size();
  gathering->done = [&pushes = served.pushes,
                     done = std::move(done)](Result<std::int32_t> sessions) mutable {
    pushes.add(static_cast<std::uint64_t>(*sessions));
    done(std::move(sessions));
  };
  for (const auto& door : served.doors) {
    door->loop.post([door, shared, gathering, &back = executor()] {
      const std::int32_t reached = door->channel == nullptr ? 0 : door->channel->push(*shared);
      back.post([gathering, reached] { gathering->add(reached); });
    });
  }
}

}  // namespace longwire::channels
