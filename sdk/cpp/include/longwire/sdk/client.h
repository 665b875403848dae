#pragma once

// Longwire SDK: receives pushes on a device.
//
//   class App : public longwire::sdk::Listener { void on_message(const Message& m) override {…} };
//   longwire::sdk::Client client(options, app);
//   client.start();
//   client.set_alias("bob", nullptr);
//   …
//   client.stop();
//
// Threads: the client has one thread of its own. Every listener call and every completion runs on
// it, one at a time; they may call the client, but for stop() and the destructor. start() and
// stop() are called by one thread at a time, all other functions by any.
//
// What the app can rely on: each message is handed over once, in the order of its feed, also across
// restarts of the app; only the one whose callback had not returned when the process died comes
// again, marked `again`. After the server was restored from a backup, messages older than the last
// 1,024 may come once more, not marked. (feed, number) names a message's place for apps that store
// both in one step. State survives a crash at any moment; it belongs to one process at a time.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace longwire::sdk {

struct Options {
  std::string api;          // "https://push.example.org:8443": where the account is made, once
  std::string server_host;  // the long connection; its certificate must name the XMPP domain
  std::uint16_t server_port = 5222;
  bool direct_tls = false;  // true: TLS at once (port 5223); false: STARTTLS
  std::string ca_file;      // PEM; empty: the system's
  std::string app_id;
  std::string app_key;
  std::string package;
  std::string app_version;
  std::string state_directory;  // made if missing; holds a password: readable by its owner only
  std::chrono::milliseconds ping_interval{std::chrono::minutes(4)};
  std::chrono::milliseconds ping_timeout{std::chrono::seconds(20)};
  std::chrono::milliseconds reconnect_delay_min{500};  // doubles up to the maximum, with jitter
  std::chrono::milliseconds reconnect_delay_max{std::chrono::minutes(5)};
};

struct Message {
  std::string id;  // 24 hexadecimal characters
  std::string feed;
  std::uint64_t number = 0;
  std::string title;
  std::string description;
  std::string payload;  // bytes
  std::map<std::string, std::string> extra;
  bool pass_through = false;
  std::int32_t notify_type = 0;
  std::int32_t notify_id = 0;
  std::string via;       // what the sender addressed: "regid", "alias", "account", "topic", "all"
  std::string via_name;  // which alias, account or topic
  std::string collapse_key;
  std::int64_t accepted_ms = 0;  // when the server took it, milliseconds since 1970
  std::int64_t expires_ms = 0;
  bool again = false;  // it was handed over before, but that callback did not return
};

// What went wrong. Codes are stable words: "unauthenticated", "unavailable", "corrupt", …
// (docs/ERRORS.md). "account_disabled": the operator banned the device; it is tried again later.
// "account_lost": the server does not know the device any more; a new registration follows by
// itself (on_registered), and the names that were set are set again.
struct Failure {
  std::string code;
  std::string text;
  bool is_final = false;  // the client has stopped trying; start() begins again
};

enum class NameKind : std::uint8_t { kAlias, kAccount, kTopic };

// Implemented by the app; outlives the client. Must not throw.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_message(const Message& message) = 0;
  // Known once connected; later again if the server gave a new one.
  virtual void on_registered(const std::string& reg_id) { (void)reg_id; }
  virtual void on_connected() {}
  virtual void on_disconnected(const Failure& why) { (void)why; }
  // A message that was handed over came again, and is dropped: what a lost acknowledgement does.
  // For diagnosis; `number` is the one that it came under this time.
  virtual void on_repeated(const std::string& message_id, const std::string& feed,
                           std::uint64_t number) {
    (void)message_id, (void)feed, (void)number;
  }
  // The sender took the message back: remove its notification.
  virtual void on_withdrawn(const std::string& message_id) { (void)message_id; }
  // The server took a name away, such as an alias that another registration has set.
  virtual void on_name_removed(NameKind kind, const std::string& name) { (void)kind, (void)name; }
  // The registration was ended by the server; start() after stop() makes a new one.
  virtual void on_ended() {}
  virtual void on_error(const Failure& failure) { (void)failure; }
};

// Called once, on the client's thread; no value: done. Waits for a connection; when the client
// stops before an answer came, it is called with "unavailable".
using Done = std::function<void(const std::optional<Failure>& failure)>;

class Client final {
 public:
  Client(Options options, Listener& listener);
  ~Client();  // stops
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Begins to connect, and keeps connected until stop() or a final failure. Answers at once.
  void start();
  // Nothing is handed over any more after the current call: what comes now stays with the server.
  // The only way to stop that a listener may use; stop() must follow elsewhere.
  void stop_soon();
  // Sends what acknowledgements are due, closes the connection and joins the thread.
  void stop();

  void set_alias(std::string alias, Done done);
  void unset_alias(std::string alias, Done done);
  void set_account(std::string account, Done done);
  void unset_account(std::string account, Done done);
  void subscribe(std::string topic, Done done);
  void unsubscribe(std::string topic, Done done);
  // Ends the registration on the server and forgets it. No messages come after `done`.
  void unregister(Done done);

 private:
  class Runner;
  std::unique_ptr<Runner> runner_;
};

}  // namespace longwire::sdk
