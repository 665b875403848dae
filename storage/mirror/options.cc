#include "storage/mirror/options.h"

namespace longwire::storage::mirror {
namespace {
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kYearMs = 365 * 24 * 60 * kMinuteMs;
}  // namespace

void declare_config(ConfigSchema& schema, Options& options) {
  schema.add({.key = "mirror.keep",
              .help = "How long Redis keeps a row that is neither changed nor loaded anew.",
              .min = 1'000,
              .max = kYearMs},
             options.keep);
  schema.add({.key = "mirror.wait",
              .help = "How long a read waits for Redis; then the store is asked.",
              .min = 1,
              .max = kMinuteMs},
             options.wait);
  schema.add({.key = "mirror.pause",
              .help = "How long Redis is left alone after it failed or was late.",
              .min = 1,
              .max = kMinuteMs},
             options.pause);
  schema.add({.key = "mirror.row_bytes_max",
              .unit = "bytes",
              .help = "Rows with longer values are not kept in Redis.",
              .min = 0,
              .max = 1024 * 1024},
             options.row_bytes_max);
}

}  // namespace longwire::storage::mirror
