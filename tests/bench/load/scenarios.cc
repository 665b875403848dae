#include "tests/bench/load/scenarios.h"

#include <algorithm>
#include <memory>

#include "tests/bench/load/https_client.h"
#include "tests/bench/load/process.h"
#include "tests/bench/load/report.h"

namespace longwire::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Fleet make_fleet(Engine& engine, const Target& target, std::size_t count) {
  Fleet fleet(engine, target);
  fleet.create_accounts(count);
  fleet.connect(0, count, 64, kTopic);
  return fleet;
}

}  // namespace

void run_fanout(Engine& engine, const Target& target, std::size_t connections, int rounds) {
  Fleet fleet = make_fleet(engine, target, connections);
  HttpsClient http(engine);
  const std::string form = send_form(std::string("topic=") + kTopic, target.package);
  const auto send_once = [&] {
    const std::uint64_t goal = fleet.received() + connections;
    http.request(target.https, "POST", "/v3/message/topic", authorization(target), form,
                 expect_accepted);
    return engine.run_until([&] { return fleet.received() >= goal && !http.busy(); }, seconds(30));
  };
  for (int i = 0; i < 3; ++i) send_once();
  fleet.acknowledge();
  settle(engine, milliseconds(1500));
  const double cpu_before = cpu_seconds(target.pids);
  const Instant start = now();
  int done = 0;
  while (done < rounds && send_once()) ++done;
  const double elapsed = since(start);
  const double cpu = cpu_seconds(target.pids) - cpu_before;
  fleet.acknowledge();
  settle(engine, milliseconds(1500));
  const double ack_cpu = cpu_seconds(target.pids) - cpu_before - cpu;
  const double deliveries = static_cast<double>(connections) * done;
  print({{"scenario", "fanout"},
         {"connections", connections},
         {"rounds", done},
         {"complete", done == rounds},
         {"cpu_us_per_delivery", cpu * 1e6 / deliveries},
         {"deliveries_per_second", deliveries / elapsed},
         {"cpu_us_per_acknowledgement", ack_cpu * 1e6 / static_cast<double>(connections)}});
}

void run_prepare(Engine& engine, const Target& target, std::size_t connections,
                 const std::string& file) {
  Fleet fleet = make_fleet(engine, target, connections);
  fleet.save(file);
  print({{"scenario", "prepare"}, {"connections", connections}});
}

void run_idle(Engine& engine, const Target& target, const std::string& file) {
  Fleet fleet(engine, target);
  fleet.load(file);
  const std::size_t connections = fleet.devices().size();
  fleet.connect(0, 100, 16, kTopic);  // caches and pools are warm
  settle(engine, seconds(2));
  const std::uint64_t before = private_bytes(target.pids);
  fleet.connect(100, connections, 64, kTopic);
  settle(engine, seconds(10));
  const std::uint64_t after = private_bytes(target.pids);
  const double cpu_before = cpu_seconds(target.pids);
  settle(engine, seconds(10));
  const double idle_cpu = cpu_seconds(target.pids) - cpu_before;
  print({{"scenario", "idle"},
         {"connections", connections},
         {"kib_per_connection",
          static_cast<double>(after - before) / 1024 / static_cast<double>(connections - 100)},
         {"idle_cpu_us_per_connection_second", idle_cpu * 1e5 / static_cast<double>(connections)}});
}

void run_login(Engine& engine, const Target& target, std::size_t connections) {
  Fleet fleet(engine, target);
  fleet.create_accounts(connections);
  fleet.connect(0, connections, 64, "");  // PBKDF2 of the client is paid here
  fleet.drop(0, connections);
  settle(engine, seconds(3));
  const auto measure = [&](std::size_t from, std::size_t to) {
    const double before = cpu_seconds(target.pids);
    fleet.connect(from, to, 64, "");
    return (cpu_seconds(target.pids) - before) * 1e3 / static_cast<double>(to - from);
  };
  const double first = measure(0, 1000);
  fleet.connect(1000, connections - 1000, 64, "");
  const double last = measure(connections - 1000, connections);
  settle(engine, seconds(2));
  const std::size_t back = std::min<std::size_t>(5000, connections);
  fleet.drop(0, back);
  settle(engine, seconds(1));
  const Instant start = now();
  const double storm_before = cpu_seconds(target.pids);
  fleet.connect(0, back, 1000, "");
  print({{"scenario", "login"},
         {"connections", connections},
         {"cpu_ms_per_login_at_1000", first},
         {"cpu_ms_per_login_at_all", last},
         {"ratio", last / first},
         {"storm_clients", back},
         {"storm_seconds", since(start)},
         {"storm_cpu_ms_per_login",
          (cpu_seconds(target.pids) - storm_before) * 1e3 / static_cast<double>(back)}});
}

void run_sends(Engine& engine, const Target& target, std::size_t connections, int run_seconds) {
  Fleet fleet = make_fleet(engine, target, 200);
  std::vector<std::string> forms;
  for (const auto& device : fleet.devices())
    forms.push_back(send_form("registration_id=" + device->reg_id, target.package));
  fleet.drop(0, 200);
  std::vector<std::unique_ptr<HttpsClient>> clients;
  for (std::size_t i = 0; i < connections; ++i)
    clients.push_back(std::make_unique<HttpsClient>(engine));
  std::uint64_t accepted = 0;
  std::size_t next = 0;
  std::vector<double> latencies;
  const Instant end = now() + seconds(run_seconds);
  const double cpu_before = cpu_seconds(target.pids);
  const Instant start = now();
  const std::string headers = authorization(target);
  std::function<void(HttpsClient&)> send_next = [&](HttpsClient& client) {
    if (now() >= end) return;
    const Instant sent = now();
    client.request(target.https, "POST", "/v2/message/regid", headers, forms[next++ % forms.size()],
                   [&, sent](int status, std::string_view body) {
                     expect_accepted(status, body);
                     ++accepted;
                     latencies.push_back(since(sent) * 1e3);
                     send_next(client);
                   });
  };
  for (auto& client : clients) send_next(*client);
  engine.run_until(
      [&] {
        return now() >= end && std::none_of(clients.begin(), clients.end(),
                                            [](const auto& c) { return c->busy(); });
      },
      seconds(run_seconds + 10));
  const double elapsed = since(start);
  const double cpu = cpu_seconds(target.pids) - cpu_before;
  print({{"scenario", "sends"},
         {"connections", connections},
         {"accepted_per_second", static_cast<double>(accepted) / elapsed},
         {"cpu_us_per_send", cpu * 1e6 / static_cast<double>(accepted)},
         {"p50_ms", percentile(latencies, 0.5)},
         {"p99_ms", percentile(latencies, 0.99)}});
}

void run_latency(Engine& engine, const Target& target, int rounds) {
  Fleet fleet = make_fleet(engine, target, 1);
  HttpsClient http(engine);
  const std::string form =
      send_form("registration_id=" + fleet.devices()[0]->reg_id, target.package);
  std::vector<double> accept_ms;
  std::vector<double> device_ms;
  for (int i = 0; i < rounds; ++i) {
    const std::uint64_t goal = fleet.received() + 1;
    const Instant start = now();
    http.request(target.https, "POST", "/v2/message/regid", authorization(target), form,
                 [&](int status, std::string_view body) {
                   expect_accepted(status, body);
                   accept_ms.push_back(since(start) * 1e3);
                 });
    engine.run_until([&] { return fleet.received() >= goal; }, seconds(10));
    device_ms.push_back(since(start) * 1e3);
    engine.run_until([&] { return !http.busy(); }, seconds(10));
    fleet.acknowledge();
    settle(engine, milliseconds(10));
  }
  print({{"scenario", "latency"},
         {"rounds", rounds},
         {"accept_p50_ms", percentile(accept_ms, 0.5)},
         {"device_p50_ms", percentile(device_ms, 0.5)},
         {"device_p99_ms", percentile(device_ms, 0.99)}});
}

void run_chat(Engine& engine, const Target& target, const std::vector<Login>& users,
              std::size_t in_flight, int run_seconds) {
  std::vector<std::unique_ptr<XmppClient>> clients;
  std::uint64_t delivered = 0;
  bool stopping = false;
  const auto message_to = [](const std::string& jid) {
    return "<message type='chat' to='" + jid + "'><body>" + std::string(100, 'm') +
           "</body></message>";
  };
  std::vector<std::string> outgoing(users.size());
  for (std::size_t i = 0; i < users.size(); ++i) {
    clients.push_back(std::make_unique<XmppClient>(engine, users[i]));
    outgoing[i] = message_to(clients[i]->bare_jid());
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const std::string& reply = outgoing[i ^ 1];
    clients[i]->start(
        target.xmpps, [](XmppClient& client) { client.send("<presence/>"); },
        [&, reply](XmppClient& client, std::string_view stanza) {
          if (!stanza.starts_with("<message") || stanza.find("<body") == std::string_view::npos)
            return;
          ++delivered;
          if (!stopping) client.send(reply);
        });
    if (i % 32 == 31) engine.run_until([&] { return clients[i]->ready(); }, seconds(10));
  }
  engine.run_until(
      [&] {
        return std::all_of(clients.begin(), clients.end(),
                           [](const auto& c) { return c->ready(); });
      },
      seconds(60));
  settle(engine, seconds(1));
  for (std::size_t i = 0; i < in_flight; ++i)
    clients[i % clients.size()]->send(outgoing[(i % clients.size()) ^ 1]);
  settle(engine, seconds(1));
  const std::uint64_t delivered_before = delivered;
  const double cpu_before = cpu_seconds(target.pids);
  const Instant start = now();
  settle(engine, seconds(run_seconds));
  const double count = static_cast<double>(delivered - delivered_before);
  const double cpu = cpu_seconds(target.pids) - cpu_before;
  const double elapsed = since(start);
  stopping = true;
  settle(engine, seconds(1));
  print({{"scenario", "chat"},
         {"users", users.size()},
         {"in_flight", in_flight},
         {"cpu_us_per_message", cpu * 1e6 / std::max(count, 1.0)},
         {"messages_per_second", count / elapsed}});
}

}  // namespace longwire::bench
