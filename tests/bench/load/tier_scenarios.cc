// What is measured of several processes.

#include <poll.h>
#include <unistd.h>

#include <memory>
#include <numeric>
#include <vector>

#include "tests/bench/load/https_client.h"
#include "tests/bench/load/process.h"
#include "tests/bench/load/report.h"
#include "tests/bench/load/scenarios.h"

namespace longwire::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

bool input_ended() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, 0) <= 0) return false;
  char byte = 0;
  return ::read(STDIN_FILENO, &byte, 1) <= 0;
}

// Sends that are due, over whichever connection is free.
class Paced final {
 public:
  Paced(Engine& engine, const Target& target, std::vector<std::string> forms,
        std::size_t connections)
      : target_(target), headers_(authorization(target)), forms_(std::move(forms)) {
    for (std::size_t i = 0; i < connections; ++i) {
      clients_.push_back(std::make_unique<HttpsClient>(engine));
      free_.push_back(clients_.back().get());
    }
  }

  // False: every connection is busy.
  bool begin(Instant due) {
    if (free_.empty()) return false;
    HttpsClient& client = *free_.back();
    free_.pop_back();
    client.request(target_.https, "POST", "/v2/message/regid", headers_,
                   forms_[begun_++ % forms_.size()],
                   [this, due, &client](int status, std::string_view body) {
                     expect_accepted(status, body);
                     latencies_.push_back(since(due) * 1e3);
                     free_.push_back(&client);
                   });
    return true;
  }
  bool idle() const { return free_.size() == clients_.size(); }
  std::vector<double>& latencies() { return latencies_; }

 private:
  const Target& target_;
  const std::string headers_;
  const std::vector<std::string> forms_;
  std::vector<std::unique_ptr<HttpsClient>> clients_;
  std::vector<HttpsClient*> free_;
  std::size_t begun_ = 0;
  std::vector<double> latencies_;
};

}  // namespace

void run_paced(Engine& engine, const Target& target, std::size_t connections, int per_second,
               int run_seconds) {
  Fleet fleet(engine, target);
  fleet.create_accounts(200);
  fleet.connect(0, 200, 64, kTopic);
  std::vector<std::string> forms;
  for (const auto& device : fleet.devices())
    forms.push_back(send_form("registration_id=" + device->reg_id, target.package));
  fleet.drop(0, 200);
  Paced paced(engine, target, std::move(forms), connections);
  const auto every = nanoseconds(1'000'000'000 / per_second);
  const auto run = [&](seconds length) {
    const Instant end = now() + length;
    Instant due = now();
    engine.run_until(
        [&] {
          while (due <= now() && due < end && paced.begin(due)) due += every;
          return now() >= end && paced.idle();
        },
        length + seconds(10));
  };
  run(seconds(2));  // connections are made, and rows in memory
  paced.latencies().clear();
  std::vector<double> cpu_before;
  for (const int pid : target.pids) cpu_before.push_back(cpu_seconds({pid}));
  const Instant start = now();
  run(seconds(run_seconds));
  const double elapsed = since(start);
  auto& latencies = paced.latencies();
  const auto count = static_cast<double>(latencies.size());
  std::vector<double> cpu_us;  // per send, of each process
  for (std::size_t i = 0; i < target.pids.size(); ++i)
    cpu_us.push_back((cpu_seconds({target.pids[i]}) - cpu_before[i]) * 1e6 / count);
  print({{"scenario", "paced"},
         {"accepted_per_second", count / elapsed},
         {"cpu_us_per_send", std::reduce(cpu_us.begin(), cpu_us.end())},
         {"cpu_us_by_process", cpu_us},
         {"p50_ms", percentile(latencies, 0.5)},
         {"p99_ms", percentile(latencies, 0.99)}});
}

void run_hold(Engine& engine, const Target& target, std::size_t connections) {
  Fleet fleet(engine, target);
  fleet.create_accounts(connections);
  fleet.connect(0, connections, 64, kTopic);
  print({{"scenario", "hold"}, {"connections", connections}});
  while (!input_ended()) {
    settle(engine, milliseconds(500));
    fleet.acknowledge();
  }
  print({{"scenario", "held"}, {"received", fleet.received()}});
}

}  // namespace longwire::bench
