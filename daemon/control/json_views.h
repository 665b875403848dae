#pragma once

// How the middle's values look in the command line's JSON. Names are camelCase, times are
// milliseconds since 1970, absent is null.

#include "daemon/control/control_frame.h"
#include "middle/service.h"

namespace longwire::daemon {

Json app_json(const middle::App& app);
Json created_app_json(const middle::CreatedApp& created);
Json device_json(const middle::DeviceStatus& status);
Json send_json(const middle::SendReply& reply);
Json trace_json(const middle::TraceReply& reply);

// A callback that turns a value into JSON for `done`.
template <typename T, typename View>
Callback<T> answer_with(Callback<Json> done, View view) {
  return [done = std::move(done), view = std::move(view)](Result<T> result) mutable {
    if (result.ok()) {
      done(Json(view(*result)));
    } else {
      done(result.error());
    }
  };
}

// For calls that answer with nothing.
Callback<void> answer_done(Callback<Json> done);

}  // namespace longwire::daemon
