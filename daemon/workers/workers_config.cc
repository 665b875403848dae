#include "daemon/workers/workers_config.h"

namespace longwire::daemon {

void declare_config(ConfigSchema& schema, WorkersConfig& config) {
  schema.add({.key = "xmpp.workers",
              .help = "Processes that share the XMPP ports, each with threads.xmpp loops; 0: this "
                      "process serves them itself. Limits of addresses are each worker's own.",
              .min = 0,
              .max = 256},
             config.count);
  schema.add({.key = "xmpp.worker_start_timeout",
              .help = "A worker that does not serve after it is killed, and started anew.",
              .min = 1'000,
              .max = 3'600'000},
             config.start_timeout);
  schema.add({.key = "xmpp.worker_restart_delay_max",
              .help = "The longest wait before a worker that ends again and again is started anew.",
              .min = 200,
              .max = 3'600'000},
             config.restart_delay_max);
}

}  // namespace longwire::daemon
