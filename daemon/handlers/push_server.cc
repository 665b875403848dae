#include "daemon/handlers/push_server.h"

#include <utility>

#include "base/net/connection.h"
#include "channels/handler/push_calls.h"

namespace longwire::daemon {

class PushServer::Served final : public net::ConnectionHandler {
 public:
  Served(PushServer& server, std::uint64_t number, net::Descriptor socket, net::Address peer)
      : server_(server),
        number_(number),
        calls_(server.hub_,
               [this](BytesView bytes) {
                 if (!connection_.closing()) connection_.write(bytes);
               }),
        connection_(server.loop_, std::move(socket), std::move(peer), {}, nullptr, *this) {}

  void on_data(net::Connection& connection, BytesView data) override {
    if (!connection.closing() && !calls_.feed(data).ok()) connection.abort();
  }
  void on_closed(net::Connection&, net::CloseReason) override {
    server_.connections_.erase(number_);
  }

 private:
  PushServer& server_;
  const std::uint64_t number_;
  channels::PushCalls calls_;
  net::Connection connection_;
};

PushServer::PushServer(net::Loop& loop, channels::HandlerHub& hub) : loop_(loop), hub_(hub) {}

PushServer::~PushServer() = default;

void PushServer::start(std::unique_ptr<net::Listener> listener) {
  listener_ = std::move(listener);
  listener_->start([this](net::Descriptor socket, net::Address peer) {
    accept(std::move(socket), std::move(peer));
  });
}

void PushServer::accept(net::Descriptor socket, net::Address peer) {
  const auto most = static_cast<std::size_t>(hub_.config().push_connections_max);
  if (connections_.size() >= most) return;
  const std::uint64_t number = ++last_number_;
  connections_.emplace(number,
                       std::make_unique<Served>(*this, number, std::move(socket), std::move(peer)));
}

}  // namespace longwire::daemon
