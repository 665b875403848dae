#pragma once

// What `longwire status --json` prints:
//
//   {"partitions": 16, "owned": 16, "silent": 0, "processes": [
//     {"name": "node-1", "host": …, "place": …, "pid": …, "roles": ["middle"], "addresses": […],
//      "version": …, "uptimeMs": …, "ageMs": …, "silent": false, "numbers": {"partitions": 5, …}}]}

#include <vector>

#include "daemon/control/control_frame.h"
#include "middle/model/process_report.h"

namespace longwire::daemon {

// Of merged reports. What is owned, is owned by those that are not silent.
Json status_json(const std::vector<middle::KeptReport>& reports);

}  // namespace longwire::daemon
