#pragma once

// A fleet of devices: accounts made over HTTPS, connected with a bounded number of logins in
// flight, each with one registration that follows its inbox, its app and one topic.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/load/xmpp_client.h"

namespace longwire::bench {

struct Target {
  std::uint16_t xmpps = 0;
  std::uint16_t https = 0;
  std::vector<int> pids;  // of all the server's processes
  std::string domain = "localhost";
  std::string app_id;
  std::string app_key;
  std::string app_secret;
  std::string package;
};

struct Device {
  Login login;
  std::string reg_id;
  std::string incarnation;
  std::unique_ptr<XmppClient> client;
  bool set_up = false;         // registered, subscribed, positions sent
  std::uint64_t received = 0;  // pushes
  std::string last_push;       // its stanza, for the acknowledgement
};

class Fleet {
 public:
  Fleet(Engine& engine, Target target) : engine_(engine), target_(std::move(target)) {}

  // Makes accounts until there are `count`. Ends the program where the server refuses.
  void create_accounts(std::size_t count);
  // Devices with their registrations, a line of JSON each: for another run, after the server was
  // started again.
  void save(const std::string& file) const;
  void load(const std::string& file);
  // Logs devices [from, to) in, `in_flight` at a time; with `topic` not empty also registers and
  // subscribes.
  void connect(std::size_t from, std::size_t to, std::size_t in_flight, const std::string& topic);
  // Each push as it comes (counted already).
  void on_push(std::function<void(Device&)> function) { on_push_ = std::move(function); }
  // Each answer to a request that was made for a device that is set up.
  void on_answer(std::function<void(Device&)> function) { on_answer_ = std::move(function); }
  // Acknowledges the last push of every device that had one since the last call.
  void acknowledge();
  void drop(std::size_t from, std::size_t to);  // abruptly

  std::uint64_t received() const { return received_; }
  std::vector<std::unique_ptr<Device>>& devices() { return devices_; }
  Engine& engine() { return engine_; }
  const Target& target() const { return target_; }

 private:
  void start(Device& device, const std::string& topic);
  void on_stanza(Device& device, const std::string& topic, std::string_view stanza);

  Engine& engine_;
  Target target_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::uint64_t received_ = 0;
  std::function<void(Device&)> on_push_;
  std::function<void(Device&)> on_answer_;
};

}  // namespace longwire::bench
