#include "tests/unit/xmpp/server/test_client.h"

#include <chrono>
#include <mutex>
#include <utility>

#include "base/encoding.h"
#include "base/net/dialer.h"
#include "base/net/tls.h"

namespace longwire::test {
namespace {

constexpr std::chrono::seconds kPatience{10};

std::unique_ptr<net::TlsSession> client_session(const std::string& ca_pem,
                                                const std::string& alpn) {
  auto context =
      net::make_tls_client({.ca_pem = ca_pem, .server_name = "localhost", .alpn = {alpn}});
  CHECK(context.ok());
  return (*context)->new_session();
}

}  // namespace

struct TestClient::State final : net::ConnectionHandler {
  std::mutex mutex;
  std::condition_variable changed;
  std::string incoming;
  bool closed = false;
  std::unique_ptr<net::Connection> connection;  // on the loop

  void on_data(net::Connection&, BytesView data) override {
    const std::lock_guard<std::mutex> lock(mutex);
    incoming.append(data);
    changed.notify_all();
  }
  void on_closed(net::Connection&, net::CloseReason) override {
    const std::lock_guard<std::mutex> lock(mutex);
    closed = true;
    changed.notify_all();
  }
};

TestClient::TestClient(net::LoopThread& thread, const Options& options)
    : thread_(thread), ca_pem_(options.ca_pem), state_(std::make_shared<State>()) {
  thread_.call([&] {
    auto socket = net::connect_tcp(options.server);
    CHECK(socket.ok());
    state_->connection = std::make_unique<net::Connection>(
        thread_.loop(), std::move(*socket), options.server, net::ConnectionLimits{},
        options.tls ? client_session(ca_pem_, options.alpn) : nullptr, *state_);
  });
}

TestClient::~TestClient() { cut(); }

void TestClient::cut() {
  thread_.call([this] { state_->connection.reset(); });
}

void TestClient::send(std::string text) {
  thread_.call([&] {
    if (state_->connection) state_->connection->write(text);
  });
}

std::string TestClient::expect(std::string_view text) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  std::size_t at = std::string::npos;
  state_->changed.wait_for(lock, kPatience, [&] {
    at = state_->incoming.find(text);
    return at != std::string::npos || state_->closed;
  });
  if (at == std::string::npos) return {};
  std::string before = state_->incoming.substr(0, at + text.size());
  state_->incoming.erase(0, at + text.size());
  return before;
}

bool TestClient::expect_closed() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  return state_->changed.wait_for(lock, kPatience, [&] { return state_->closed; });
}

void TestClient::start_tls() {
  send(std::string(kHeader));
  expect("</stream:features>");
  send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  expect("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  thread_.call([this] { state_->connection->start_tls(client_session(ca_pem_, "xmpp-client")); });
}

void TestClient::log_in(std::string_view user, std::string_view password) {
  using namespace std::string_literals;
  send(std::string(kHeader));
  expect("</stream:features>");
  const std::string message = "\0"s + std::string(user) + "\0"s + std::string(password);
  send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
       base64_encode(message) + "</auth>");
  expect("<success");
  send(std::string(kHeader));
  expect("</stream:features>");
}

std::string TestClient::bind(std::string_view resource) {
  send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" +
       std::string(resource) + "</resource></bind></iq>");
  return expect("</iq>");
}

}  // namespace longwire::test
