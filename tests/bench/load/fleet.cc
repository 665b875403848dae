#include "tests/bench/load/fleet.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/bench/load/https_client.h"
#include "tests/bench/load/push_frames.h"

namespace longwire::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

[[noreturn]] void refuse(std::string_view what, std::string_view answer) {
  std::fprintf(stderr, "load: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(answer.size()), answer.data());
  std::exit(2);
}

}  // namespace

void Fleet::create_accounts(std::size_t count) {
  HttpsClient http(engine_);
  const std::string body =
      nlohmann::json{{"appId", target_.app_id}, {"appKey", target_.app_key}}.dump();
  while (devices_.size() < count) {
    http.request(target_.https, "POST", "/v1/devices", "Content-Type: application/json\r\n", body,
                 [this](int status, std::string_view answer) {
                   if (status != 201 && status != 200) refuse("no device account", answer);
                   const auto json = nlohmann::json::parse(answer);
                   auto device = std::make_unique<Device>();
                   device->login = {.user = json.at("device"),
                                    .password = json.at("password"),
                                    .domain = json.value("domain", target_.domain),
                                    .resource = "load",
                                    .memory = {}};
                   devices_.push_back(std::move(device));
                 });
    engine_.run_until([&] { return !http.busy(); }, seconds(10));
  }
}

void Fleet::save(const std::string& file) const {
  std::ofstream out(file);
  for (const auto& device : devices_) {
    out << nlohmann::json{{"user", device->login.user},
                          {"password", device->login.password},
                          {"domain", device->login.domain},
                          {"regId", device->reg_id},
                          {"incarnation", device->incarnation}}
               .dump()
        << "\n";
  }
}

void Fleet::load(const std::string& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto json = nlohmann::json::parse(line);
    auto device = std::make_unique<Device>();
    device->login = {.user = json.at("user"),
                     .password = json.at("password"),
                     .domain = json.at("domain"),
                     .resource = "load",
                     .memory = {}};
    device->reg_id = json.at("regId");
    device->incarnation = json.at("incarnation");
    devices_.push_back(std::move(device));
  }
}

void Fleet::connect(std::size_t from, std::size_t to, std::size_t in_flight,
                    const std::string& topic) {
  std::size_t next = from;
  const auto pending = [&] {
    return static_cast<std::size_t>(
        std::count_if(devices_.begin() + static_cast<std::ptrdiff_t>(from),
                      devices_.begin() + static_cast<std::ptrdiff_t>(next),
                      [](const auto& device) { return !device->set_up; }));
  };
  while (next < to || pending() > 0) {
    const std::size_t room = in_flight - std::min(in_flight, pending());
    for (std::size_t i = 0; i < room && next < to; ++i) start(*devices_[next++], topic);
    const std::size_t before = pending();
    if (!engine_.run_until([&] { return pending() * 2 <= before; }, seconds(60)))
      refuse("logins do not come through", std::to_string(pending()) + " waiting");
  }
}

void Fleet::start(Device& device, const std::string& topic) {
  device.set_up = false;
  if (device.client) device.login = device.client->login();
  device.client = std::make_unique<XmppClient>(engine_, device.login);
  device.client->start(
      target_.xmpps,
      [this, &device, topic](XmppClient& client) {
        if (topic.empty()) {
          device.set_up = true;
        } else if (device.reg_id.empty()) {
          client.send(register_request("r", client.login().domain, target_.app_id, target_.app_key,
                                       target_.package));
        } else {
          client.send(positions_message(client.login().domain, device.reg_id, device.incarnation));
          device.set_up = true;
        }
      },
      [this, &device, topic](XmppClient&, std::string_view stanza) {
        on_stanza(device, topic, stanza);
      });
}

void Fleet::on_stanza(Device& device, const std::string& topic, std::string_view stanza) {
  if (stanza.starts_with("<message")) {
    ++received_;
    ++device.received;
    device.last_push.assign(stanza);
    if (on_push_) on_push_(device);
    return;
  }
  if (!stanza.starts_with("<iq")) return;
  if (stanza.find("error") != std::string_view::npos &&
      stanza.find("<error") != std::string_view::npos)
    refuse("request refused", stanza);
  const std::string& domain = device.login.domain;
  if (device.reg_id.empty()) {
    const auto registered = parse_registered(stanza);
    device.reg_id = registered.reg_id;
    device.incarnation = registered.incarnation;
    device.client->send(topic_request("t", domain, device.reg_id, topic));
  } else if (!device.set_up) {
    device.client->send(positions_message(domain, device.reg_id, device.incarnation));
    device.set_up = true;
  } else if (on_answer_) {
    on_answer_(device);
  }
}

void Fleet::acknowledge() {
  for (const auto& device : devices_) {
    if (device->last_push.empty() || !device->client || !device->client->is_open()) continue;
    const auto push = parse_push(device->last_push);
    device->last_push.clear();
    device->client->send(
        acknowledgement_message(device->login.domain, device->reg_id, push.feed, push.number));
  }
}

void Fleet::drop(std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) devices_[i]->client->close();
}

}  // namespace longwire::bench
