#include "tests/bench/load/cluster_scenarios.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tests/bench/load/https_client.h"
#include "tests/bench/load/process.h"
#include "tests/bench/load/push_frames.h"
#include "tests/bench/load/report.h"

namespace longwire::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kFillClients = 128;
constexpr std::size_t kRepeatDevices = 64;
constexpr std::size_t kLoginsInFlight = 64;

}  // namespace

void run_storm(Engine& engine, const Target& target, const std::string& file) {
  Fleet fleet(engine, target);
  fleet.load(file);
  const std::size_t count = fleet.devices().size();
  const double cpu_before = cpu_seconds(target.pids);
  const Instant start = now();
  fleet.connect(0, count, count, kTopic);
  settle(engine, seconds(2));
  print({{"scenario", "storm"},
         {"logins", count},
         {"seconds", since(start)},
         {"cpu_ms_per_login",
          (cpu_seconds(target.pids) - cpu_before) * 1e3 / static_cast<double>(count)}});
}

void run_fill(Engine& engine, const Target& target, const std::string& file, int entries) {
  Fleet fleet(engine, target);
  fleet.load(file);
  const auto& devices = fleet.devices();
  const std::size_t all = devices.size() * static_cast<std::size_t>(entries);
  const std::string headers = authorization(target);
  std::vector<std::unique_ptr<HttpsClient>> clients;
  for (std::size_t i = 0; i < kFillClients; ++i)
    clients.push_back(std::make_unique<HttpsClient>(engine));
  std::size_t next = 0;
  std::size_t accepted = 0;
  std::function<void(HttpsClient&)> send_next = [&](HttpsClient& client) {
    if (next == all) return;
    const auto& device = devices[next++ % devices.size()];
    client.request(target.https, "POST", "/v2/message/regid", headers,
                   send_form("registration_id=" + device->reg_id, target.package),
                   [&](int status, std::string_view body) {
                     expect_accepted(status, body);
                     ++accepted;
                     send_next(client);
                   });
  };
  for (auto& client : clients) send_next(*client);
  const bool complete = engine.run_until([&] { return accepted == all; }, seconds(300));
  print({{"scenario", "fill"}, {"entries", accepted}, {"complete", complete}});
}

void run_fetch(Engine& engine, const Target& target, const std::string& file, int entries,
               int per_second) {
  Fleet fleet(engine, target);
  fleet.load(file);
  auto& devices = fleet.devices();
  fleet.connect(0, devices.size(), kLoginsInFlight, "");  // logs in, and asks for nothing yet
  settle(engine, seconds(2));
  std::unordered_map<const Device*, Instant> asked;
  std::vector<double> times_ms;
  fleet.on_push([&](Device& device) {
    if (device.received == static_cast<std::uint64_t>(entries))
      times_ms.push_back(since(asked.at(&device)) * 1e3);
  });
  const Instant start = now();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const auto due = start + milliseconds(1000 * i / static_cast<std::size_t>(per_second));
    engine.run_until([&] { return now() >= due; }, seconds(1));
    Device& device = *devices[i];
    asked[&device] = now();
    device.client->send(positions_message(device.login.domain, device.reg_id, device.incarnation));
  }
  engine.run_until([&] { return times_ms.size() == devices.size(); }, seconds(30));
  print({{"scenario", "fetch"},
         {"devices", devices.size()},
         {"complete", times_ms.size() == devices.size()},
         {"entries", entries},
         {"p50_ms", percentile(times_ms, 0.5)},
         {"p99_ms", percentile(times_ms, 0.99)}});
}

void run_repeat(Engine& engine, const Target& target, const std::string& file,
                std::size_t in_flight, int run_seconds) {
  Fleet fleet(engine, target);
  fleet.load(file);
  const std::size_t count = std::min(kRepeatDevices, fleet.devices().size());
  fleet.connect(0, count, kLoginsInFlight, kTopic);
  settle(engine, seconds(2));
  std::uint64_t answered = 0;
  bool over = false;
  const auto repeat = [&](Device& device) {
    if (!over) device.client->send(topic_request("r", device.login.domain, device.reg_id, kTopic));
  };
  fleet.on_answer([&](Device& device) {
    ++answered;
    repeat(device);
  });
  const double cpu_before = cpu_seconds(target.pids);
  const Instant start = now();
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < in_flight; ++k) repeat(*fleet.devices()[i]);
  }
  settle(engine, seconds(run_seconds));
  over = true;
  const double elapsed = since(start);
  const double cpu = cpu_seconds(target.pids) - cpu_before;
  print({{"scenario", "repeat"},
         {"answered", answered},
         {"answered_per_second", static_cast<double>(answered) / elapsed},
         {"cpu_us_per_command",
          cpu * 1e6 / static_cast<double>(std::max<std::uint64_t>(answered, 1))}});
}

}  // namespace longwire::bench
