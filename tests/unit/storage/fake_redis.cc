#include "tests/unit/storage/fake_redis.h"

#include <algorithm>
#include <utility>

namespace longwire::test {
namespace {

// A command off the front of `bytes`, "*1\r\n$4\r\nPING\r\n"; nothing while it is not all there.
std::optional<FakeRedis::Words> take_command(std::string& bytes) {
  std::size_t at = 0;
  const auto take_number = [&]() -> std::optional<std::size_t> {
    const auto end = bytes.find("\r\n", at);
    if (end == std::string::npos) return std::nullopt;
    const auto number = std::stoul(bytes.substr(at + 1, end - at - 1));
    at = end + 2;
    return number;
  };
  const auto count = take_number();
  if (!count) return std::nullopt;
  FakeRedis::Words words;
  while (words.size() < *count) {
    const auto size = take_number();
    if (!size || bytes.size() < at + *size + 2) return std::nullopt;
    words.push_back(bytes.substr(at, *size));
    at += *size + 2;
  }
  bytes.erase(0, at);
  return words;
}

}  // namespace

class FakeRedis::Peer final : public net::ConnectionHandler {
 public:
  Peer(FakeRedis& server, net::Descriptor socket, net::Address address)
      : server_(server),
        connection_(std::make_unique<net::Connection>(server.thread_.loop(), std::move(socket),
                                                      std::move(address), net::ConnectionLimits{},
                                                      nullptr, *this)) {}

 private:
  void on_data(net::Connection& connection, BytesView data) override {
    bytes_ += data;
    while (auto words = take_command(bytes_)) {
      if (auto reply = server_.answer(*words)) {
        connection.write(*reply);
      } else {
        connection.abort();
        return;
      }
    }
  }
  void on_closed(net::Connection& connection, net::CloseReason reason) override {
    (void)connection;
    (void)reason;
    connection_.reset();
  }

  FakeRedis& server_;
  std::unique_ptr<net::Connection> connection_;
  std::string bytes_;
};

FakeRedis::FakeRedis(Script script) : script_(std::move(script)) {
  listener_ = net::Listener::open(thread_.loop(), {"127.0.0.1", 0}).value();
  thread_.call([this] {
    listener_->start([this](net::Descriptor socket, net::Address peer) {
      ++*accepted_.lock();
      peers_.push_back(std::make_unique<Peer>(*this, std::move(socket), std::move(peer)));
    });
  });
}

FakeRedis::~FakeRedis() {
  thread_.call([this] {
    listener_.reset();
    peers_.clear();
  });
}

int FakeRedis::count(const std::string& name) const {
  const auto heard = heard_.lock();
  return static_cast<int>(std::count_if(
      heard->begin(), heard->end(), [&name](const auto& line) { return line.starts_with(name); }));
}

std::optional<std::string> FakeRedis::with_port(std::optional<std::string> reply) const {
  constexpr std::string_view kPort = "{port}";
  const auto at = reply ? reply->find(kPort) : std::string::npos;
  if (at != std::string::npos) reply->replace(at, kPort.size(), port());
  return reply;
}

std::optional<std::string> FakeRedis::answer(const Words& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
  heard_.lock()->push_back(line);
  auto reply = script_(words);
  if (reply != "?") return with_port(std::move(reply));
  if (line == "PING") return "+PONG\r\n";
  if (line == "CLUSTER SLOTS") return "-ERR This instance has cluster support disabled\r\n";
  return "-ERR unknown command\r\n";
}

}  // namespace longwire::test
