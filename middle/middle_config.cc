#include <cstdint>

#include "middle/middle.h"

namespace longwire::middle {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kDay = 24 * 60 * 60 * kSecond;

void declare_registry(ConfigSchema& schema, MiddleConfig& config) {
  schema.add({.key = "alias.registrations_max",
              .help = "Registrations that share an alias; the last to set it win.",
              .min = 1,
              .max = 1000},
             config.alias_registrations_max);
  schema.add({.key = "alias.per_registration_max",
              .help = "Aliases, and accounts, of one registration; the oldest is dropped.",
              .min = 1,
              .max = 1000},
             config.aliases_per_registration_max);
  schema.add({.key = "account.registrations_max",
              .help = "Registrations that share an account; the last to set it win.",
              .min = 1,
              .max = 1000},
             config.account_registrations_max);
  schema.add({.key = "topic.per_registration_max",
              .help = "Topics that one registration carries at a time.",
              .min = 1,
              .max = 1000},
             config.tags_per_registration_max);
  schema.add({.key = "registration.expiry",
              .help = "A registration whose device made no contact for so long ends.",
              .min = 60 * kSecond,
              .max = 3650 * kDay},
             config.registration_expiry);
  schema.add({.key = "device.unused_expiry",
              .help = "A device account that never logs in ends after this time.",
              .min = 60 * kSecond,
              .max = 365 * kDay},
             config.unused_device_expiry);
}

void declare_messages(ConfigSchema& schema, MiddleConfig& config) {
  schema.add(
      {.key = "message.time_to_live_default",
       .help = "How long a message waits for its device where the sender does not say; at most "
               "message.time_to_live_max.",
       .min = kSecond,
       .max = 365 * kDay},
      config.time_to_live_default);
  schema.add({.key = "message.time_to_live_max",
              .help = "The longest time a message waits for its device.",
              .min = kSecond,
              .max = 365 * kDay},
             config.time_to_live_max);
  schema.add({.key = "message.repeat_window",
              .help = "How long an idempotency key is known.",
              .min = kSecond,
              .max = kDay},
             config.repeat_window);
  schema.add({.key = "limit.sends_per_second",
              .unit = "1/s",
              .help = "Sends an app may make a second, with a burst of one second's worth. Each "
                      "middle node counts its own: of several, so much each.",
              .min = 1,
              .max = 10'000'000},
             config.sends_per_second);
  schema.add({.key = "limit.sends_per_day",
              .help = "Sends an app may make a day (UTC). Middle nodes tell each other every 10 s "
                      "how many there were: so much later they refuse.",
              .min = 1},
             config.sends_per_day);
  schema.add({.key = "limit.app_feed_live_max",
              .help = "Broadcasts and topic expressions of an app that have not expired.",
              .min = 1,
              .max = 1'000'000},
             config.app_feed_live_max);
}

void declare_resources(ConfigSchema& schema, MiddleConfig& config) {
  schema.add({.key = "middle.partition_pending_max",
              .help = "Operations waiting in one partition; beyond it they are refused.",
              .min = 100,
              .max = 10'000'000},
             config.partition_pending_max);
  schema.add({.key = "middle.archive_entries_max",
              .help = "Chat messages that wait for an account; beyond it they are refused.",
              .min = 10,
              .max = 10'000'000},
             config.archive_entries_max);
  schema.add({.key = "middle.archive_bytes_max",
              .unit = "bytes",
              .help = "Bytes of chat that wait for an account; beyond it they are refused.",
              .min = 65'536},
             config.archive_bytes_max);
  schema.add({.key = "middle.row_cache_bytes",
              .unit = "bytes",
              .help = "Rows kept in memory, over all partitions.",
              .min = 16 * 1024 * 1024},
             config.row_cache_bytes);
  schema.add({.key = "middle.feed_window_entries",
              .help = "Latest entries of a followed feed kept by each front end.",
              .min = 16,
              .max = 65'536},
             config.feed_window_entries);
}

}  // namespace

void declare_config(ConfigSchema& schema, MiddleConfig& config) {
  declare_registry(schema, config);
  declare_messages(schema, config);
  declare_resources(schema, config);
}

}  // namespace longwire::middle
