#include "daemon/handlers/handlers.h"

#include <utility>
#include <vector>

#include "base/net/listener.h"
#include "daemon/handlers/handler_socket.h"
#include "daemon/handlers/push_server.h"

namespace longwire::daemon {
namespace {

Error about(std::string_view key, const std::string& what) {
  return {ErrorCode::kInvalidArgument, std::string(key) + ": " + what};
}

bool is_any(const net::Address& address) {
  return address.ip.empty() || address.ip == "0.0.0.0" || address.ip == "::";
}

}  // namespace

Status check_handlers(const channels::HandlersConfig& config) {
  const auto places = channels::handler_places(config);
  if (!places.ok()) return about("channels.handlers", places.error().message);
  for (const auto& place : *places) {
    const auto address = net::parse_address(place.address);
    if (!address.ok()) return about("channels.handlers", address.error().message);
    if (is_any(*address) || address->port == 0)
      return about("channels.handlers", place.address + " is no address to connect to");
  }
  if (config.push_listen.empty()) return {};
  const auto address = net::parse_address(config.push_listen);
  if (!address.ok()) return about("channels.push_listen", address.error().message);
  // Handlers are told it as it is.
  if (is_any(*address))
    return about("channels.push_listen", "wants the one address that handlers connect to");
  return {};
}

Result<std::unique_ptr<Handlers>> Handlers::start(const channels::HandlersConfig& config,
                                                  const std::string& domain,
                                                  Environment environment) {
  std::unique_ptr<Handlers> made(new Handlers());
  net::Loop& loop = made->thread_.loop();
  std::unique_ptr<net::Listener> listener;
  std::string push_address;
  if (!config.push_listen.empty()) {
    const auto address = net::parse_address(config.push_listen);
    if (!address.ok()) return address.error();
    auto opened = net::Listener::open(loop, *address);
    if (!opened.ok()) return opened.error();
    listener = std::move(*opened);
    push_address = listener->address().to_string();
    made->push_port_ = listener->address().port;
  }
  const auto places = channels::handler_places(config);
  if (!places.ok()) return places.error();
  made->thread_.call([&] {
    made->hub_ = std::make_unique<channels::HandlerHub>(channels::HandlerHub::Parts{
        .environment = {loop, environment.clock, environment.random, environment.log,
                        environment.metrics},
        .config = config,
        .places = *places,
        .domain = domain,
        .push_address = push_address,
        .dial = [&loop](const channels::HandlerPlace& place) {
          return handler_dial(loop, net::parse_address(place.address).value());
        }});
    if (listener) {
      made->push_server_ = std::make_unique<PushServer>(loop, *made->hub_);
      made->push_server_->start(std::move(listener));
    }
    made->hub_->start();
  });
  return made;
}

Handlers::~Handlers() { stop(); }

// What pushes have posted to the front ends' loops comes back to a loop that runs it no more.
void Handlers::stop() {
  if (std::exchange(stopped_, true)) return;
  thread_.call([this] {
    push_server_.reset();
    hub_.reset();
  });
  thread_.stop();
}

}  // namespace longwire::daemon
