#include <utility>

#include "xmpp/server/loop_front.h"

namespace longwire::xmpp {

// All that a connection is, between two loops.
struct LoopFront::Guest {
  net::Connection::Released connection;
  Stream::Moved stream;
};

bool LoopFront::hand_over(Stream& stream, std::uint32_t loop_index) {
  if (loop_index >= parts_.all.size() || loop_index == parts_.index) return false;
  SocketTransport* transport = nullptr;
  for (auto& candidate : transports_)
    if (candidate && &candidate->stream() == &stream) transport = candidate.get();
  if (transport == nullptr || transport->connection().closing()) return false;
  auto guest = std::make_shared<Guest>();
  guest->stream = stream.move_out();
  guest->connection = transport->connection().release();
  host_.metrics.connections.add(-1);
  free_slots_.push_back(transport->slot);
  --open_;
  // The stream is on the stack still: it goes when this turn is over.
  parts_.loop.post(
      [kept = std::shared_ptr<SocketTransport>(std::move(transports_[transport->slot]))] {});
  if (!guest->connection.socket.valid()) {
    // It broke in this very moment.
    parts_.addresses.closed(guest->connection.peer.ip, false);
    return true;
  }
  post_to(parts_.all[loop_index], [guest](LoopFront& front) { front.take_in(std::move(*guest)); });
  return true;
}

void LoopFront::take_in(Guest guest) {
  const std::string ip = guest.connection.peer.ip;
  if (host_.stopping) return parts_.addresses.closed(ip, false);
  host_.metrics.connections.add(1);
  SocketTransport& transport = adopt(std::make_unique<SocketTransport>(
      host_, *this, parts_.loop, std::move(guest.connection), connection_limits()));
  logins_.emplace_back(host_.clock().monotonic() + parts_.config.login_timeout,
                       transport.stream().handle());
  transport.stream().move_in(std::move(guest.stream));
}

}  // namespace longwire::xmpp
