#pragma once

// Runner: the client's thread. Makes the account, keeps a connection, and carries frames between
// the link, the receiver of entries and the requests.
//
// wish() and stop_soon() are thread-safe; start() and stop() are for one other thread at a time;
// the rest is bound to the thread.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "longwire/sdk/client.h"
#include "sdk/cpp/backoff.h"
#include "sdk/cpp/entry_receiver.h"
#include "sdk/cpp/requests.h"
#include "sdk/cpp/state.h"
#include "sdk/cpp/waker.h"
#include "sdk/cpp/xmpp_link.h"

namespace longwire::sdk {

class Client::Runner final : private LinkEvents {
 public:
  Runner(Options options, Listener& listener);
  ~Runner() override;

  void start();
  void stop_soon();
  void stop();
  void wish(Wish wish);

 private:
  // The state and what works on it: of one run.
  struct Work {
    Work(const Options& options, std::unique_ptr<StateStore> its_store, Listener& listener,
         LinkEvents& events);
    std::unique_ptr<StateStore> store;
    EntryReceiver receiver;
    Requests requests;
    XmppLink link;
    Backoff backoff;
    int refusals = 0;       // of the account's password, since one was accepted
    bool finished = false;  // gave up, or was told to stop and has closed
    bool online = false;
    MonotonicTime connect_at{0};
    MonotonicTime ping_at{0};
    MonotonicTime busy_until{0};            // something happened lately: stay close to the network
    std::optional<MonotonicTime> ping_due;  // a ping's answer is awaited until then
    std::uint64_t ping_request = 0;
    std::uint64_t request = 0;  // of Requests
    std::uint64_t last_request = 0;
  };

  void run();
  void run_work(Work& work);
  void take_wishes();
  void connect_if_due();
  bool make_account();
  void send_what_is_due();
  void keep_alive();
  void wait();
  MonotonicTime next_time() const;
  void shut_down();
  void retry_later(const Failure& why);
  void fail_for_good(Failure why);
  void on_password_refused();

  void on_link_open() override;
  void on_link_closed(const LinkClosed& closed) override;
  void on_link_frame(BytesView frame) override;
  void on_link_reply(std::uint64_t request, Result<Bytes> reply) override;

  const Options options_;
  Listener& listener_;
  const Clock& clock_;
  Waker waker_;
  Guarded<std::vector<Wish>> wishes_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> over_{false};  // the thread has nothing more to do
  std::thread thread_;
  Work* work_ = nullptr;  // while the thread runs
};

}  // namespace longwire::sdk
