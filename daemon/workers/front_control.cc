#include "daemon/workers/front_control.h"

#include <chrono>
#include <memory>
#include <utility>

#include "daemon/version.h"
#include "xmpp/session/host.h"

namespace longwire::daemon {
namespace {

constexpr std::chrono::milliseconds kSpreadMax = std::chrono::hours(1);

// On the table's loop, whichever the answer comes from.
void answer_drained(const FrontControlParts& parts, Callback<Json> done) {
  parts.loop.post([drained = parts.drained, done = std::move(done)]() mutable {
    done(Json{{"drained", 1}});
    if (drained) drained();
  });
}

}  // namespace

Result<std::chrono::milliseconds> read_spread(const Json& params) {
  const std::chrono::milliseconds spread(params.at("spreadMs").get<std::int64_t>());
  if (spread.count() >= 0 && spread <= kSpreadMax) return spread;
  return Error{ErrorCode::kInvalidArgument, "a spread is 0 to 3600 seconds"};
}

void add_drain_control(ControlTable& table, FrontControlParts parts) {
  table.add("drain", [parts = std::move(parts), begun = false](const Json& params,
                                                               Callback<Json> done) mutable {
    const auto spread = read_spread(params);
    if (!spread.ok()) return done(spread.error());
    if (params.contains("worker")) {
      return done(Error{ErrorCode::kNotFound, "this server has no workers (xmpp.workers)"});
    }
    if (std::exchange(begun, true)) {
      return done(Error{ErrorCode::kResourceExhausted, "another drain is under way"});
    }
    parts.server.drain({*spread, parts.has_successor},
                       [parts, done = std::move(done)](const Result<void>&) mutable {
                         answer_drained(parts, std::move(done));
                       });
  });
}

void add_status_control(ControlTable& table, Metrics& metrics, std::function<std::string()> page) {
  // The same instruments as the server's.
  const xmpp::XmppMetrics counts = xmpp::make_xmpp_metrics(metrics);
  table.add("status", [counts, page = std::move(page)](const Json&, Callback<Json> done) {
    done(Json{{"version", kVersion},
              {"connections", counts.connections.value()},
              {"sessions", counts.sessions.value()},
              {"metrics", page()}});
  });
}

}  // namespace longwire::daemon
