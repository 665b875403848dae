#pragma once

// A client on a real socket, driven from the test's thread: sends text, waits for text.

#include <condition_variable>
#include <memory>
#include <string>
#include <string_view>

#include "base/net/connection.h"
#include "base/net/loop_thread.h"

namespace longwire::test {

// Calls block, at most some seconds; from the test's thread only.
class TestClient final {
 public:
  struct Options {
    net::Address server;
    std::string ca_pem;
    bool tls = true;  // from the first byte
    std::string alpn = "xmpp-client";
  };
  TestClient(net::LoopThread& thread, const Options& options);
  ~TestClient();

  void send(std::string text);
  // Waits until `text` has come and drops everything up to its end; answers what was before and
  // including it. "" where it did not come in time.
  std::string expect(std::string_view text);
  bool expect_closed();
  // From the header to the features behind STARTTLS.
  void start_tls();
  // PLAIN, from the header on; then the header of the authenticated stream is sent.
  void log_in(std::string_view user, std::string_view password);
  std::string bind(std::string_view resource);
  void cut();

  static constexpr std::string_view kHeader =
      "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams'>";

 private:
  struct State;
  net::LoopThread& thread_;
  std::string ca_pem_;
  std::shared_ptr<State> state_;
};

}  // namespace longwire::test
