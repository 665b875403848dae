#include "channels/handler/handler_config.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace longwire::channels {
namespace {

constexpr std::size_t kNameBytesMax = 32;
constexpr std::uint32_t kNumberMin = 16;  // below: the server's own channels
constexpr std::uint32_t kNumberMax = 65'535;

Error wrong(std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          "\"" + std::string(text) +
              "\": wants channel:number=ip:port such as \"orders:16=127.0.0.1:9600\"; a channel is "
              "up to 32 of a-z, 0-9 and -, a number 16 to 65535"};
}

bool is_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= kNameBytesMax && name.front() != '-' &&
         name.back() != '-' && std::all_of(name.begin(), name.end(), good);
}

Result<HandlerPlace> parse_place(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t equals = text.find('=');
  if (colon == std::string_view::npos || equals == std::string_view::npos || colon > equals)
    return wrong(text);
  HandlerPlace place{.channel = std::string(text.substr(0, colon)),
                     .address = std::string(text.substr(equals + 1))};
  const std::string_view digits = text.substr(colon + 1, equals - colon - 1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), place.number);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return wrong(text);
  if (place.number < kNumberMin || place.number > kNumberMax) return wrong(text);
  if (!is_name(place.channel) || place.address.empty()) return wrong(text);
  return place;
}

Status check_place(const std::string& text) {
  const auto place = parse_place(text);
  return place.ok() ? Status() : Status(place.error());
}

void declare_handlers(ConfigSchema& schema, HandlersConfig& config) {
  schema.add({.key = "channels.handlers",
              .help = "Channels that programs outside serve, each "
                      "\"channel:number=ip:port\": see channels/handler/README.md.",
              .check = &check_place},
             config.handlers);
  schema.add({.key = "channels.push_listen",
              .help = "\"ip:port\" where handlers call push, which they are told; empty: nowhere. "
                      "Keep it and the handlers in a network of their own.",
              .check = nullptr},
             config.push_listen);
  schema.add({.key = "channels.call_timeout",
              .help = "How long a handler may take to answer.",
              .min = 10,
              .max = 300'000},
             config.call_timeout);
  schema.add(
      {.key = "channels.failures_max",
       .help = "Failures in a row (no connection, no answer in time, nonsense) after which a "
               "handler is left alone for channels.retry_pause.",
       .min = 1,
       .max = 1'000},
      config.failures_max);
  schema.add({.key = "channels.retry_pause",
              .help = "How long a handler that failed too often is left alone before one more try.",
              .min = 100,
              .max = 3'600'000},
             config.retry_pause);
}

void declare_limits(ConfigSchema& schema, HandlersConfig& config) {
  schema.add({.key = "channels.calls_in_flight_max",
              .unit = "requests",
              .help = "Requests that one handler may have unanswered; more are refused.",
              .min = 1,
              .max = 65'536},
             config.calls_in_flight_max);
  schema.add({.key = "channels.requests_in_flight_max",
              .unit = "requests",
              .help = "Requests that one session may have unanswered on a handler's channel.",
              .min = 1,
              .max = 1'000},
             config.requests_in_flight_max);
  schema.add({.key = "channels.frame_bytes_max",
              .unit = "bytes",
              .help = "The largest frame of a handler's channel, either way.",
              .min = 256,
              .max = 1'048'576},
             config.frame_bytes_max);
  schema.add({.key = "channels.pushes_per_second",
              .unit = "1/s",
              .help = "Pushes of one handler; more are refused.",
              .min = 1,
              .max = 1'000'000},
             config.pushes_per_second);
  schema.add({.key = "channels.push_connections_max",
              .help = "Connections at channels.push_listen; more are closed.",
              .min = 1,
              .max = 10'000},
             config.push_connections_max);
}

}  // namespace

void declare_config(ConfigSchema& schema, HandlersConfig& config) {
  declare_handlers(schema, config);
  declare_limits(schema, config);
}

Result<std::vector<HandlerPlace>> handler_places(const HandlersConfig& config) {
  std::vector<HandlerPlace> places;
  for (const std::string& text : config.handlers) {
    auto place = parse_place(text);
    if (!place.ok()) return place.error();
    const bool taken = std::any_of(places.begin(), places.end(), [&](const HandlerPlace& other) {
      return other.channel == place->channel || other.number == place->number;
    });
    if (taken || place->channel == "push" || place->channel == "echo")
      return Error{ErrorCode::kInvalidArgument,
                   "\"" + text + "\": another channel has this name or number"};
    places.push_back(std::move(*place));
  }
  return places;
}

}  // namespace longwire::channels
