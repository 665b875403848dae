#pragma once

// Slot: one worker's place: its sockets, and who sits there. Inside of daemon/workers.

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/metrics.h"
#include "daemon/workers/restart_delay.h"
#include "daemon/workers/worker.h"

namespace longwire::daemon {

// Loop-bound.
struct Slot {
  Slot(int its_number, std::vector<xmpp::XmppSockets> its_sockets,
       std::chrono::milliseconds delay_max, Metrics& metrics)
      : number(its_number),
        sockets(std::move(its_sockets)),
        delay(delay_max),
        restarts(metrics.counter("longwire_worker_restarts_total",
                                 "Workers started again after they ended unasked.",
                                 {{"worker", std::to_string(its_number)}})),
        serving(metrics.gauge("longwire_worker_serving", "1: this worker accepts.",
                              {{"worker", std::to_string(its_number)}})) {}

  Worker* find(WorkerState state) const {
    for (const auto& worker : workers)
      if (worker->state() == state) return worker.get();
    return nullptr;
  }
  std::unique_ptr<Worker> take(const Worker& worker) {
    const auto place = std::find_if(workers.begin(), workers.end(),
                                    [&](const auto& one) { return one.get() == &worker; });
    CHECK(place != workers.end());
    std::unique_ptr<Worker> taken = std::move(*place);
    workers.erase(place);
    return taken;
  }
  // Nobody accepts here for a while: what waits in these sockets is cut and comes again, to other
  // workers. The next worker takes them up again.
  void give_share_away() const {
    for (const auto& pair : sockets) {
      ::shutdown(pair.plain.get(), SHUT_RDWR);
      ::shutdown(pair.secured.get(), SHUT_RDWR);
    }
  }
  void note_serving() const { serving.set(find(WorkerState::kServing) != nullptr ? 1 : 0); }

  const int number;
  const std::vector<xmpp::XmppSockets> sockets;
  std::vector<std::unique_ptr<Worker>> workers;  // in the order of their start; one, or two
  RestartDelay delay;
  TimerId restart_timer = TimerId::kNone;
  Counter& restarts;
  Gauge& serving;
};

}  // namespace longwire::daemon
