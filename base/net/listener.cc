#include "base/net/listener.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/net/socket_address.h"

namespace longwire::net {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerWake = 64;  // others of the loop want their turn
constexpr std::chrono::milliseconds kPause{100};

Error failed(std::string_view call, const Address& address) {
  const ErrorCode code =
      errno == EADDRINUSE ? ErrorCode::kAlreadyExists : ErrorCode::kInvalidArgument;
  return {code, fmt::format("{} {}: {}", call, address.to_string(), std::strerror(errno))};
}

Result<Descriptor> listen_on(const Address& address) {
  auto target = to_socket_address(address);
  if (!target) return Error{ErrorCode::kInvalidArgument, address.ip + " is no numeric address"};
  Descriptor socket(
      ::socket(target->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return failed("socket", address);
  const int on = 1;
  const int off = 0;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (target->storage.ss_family == AF_INET6) {
    setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (bind(socket.get(), target->get(), target->size) != 0) return failed("bind", address);
  if (listen(socket.get(), kBacklog) != 0) return failed("listen", address);
  return socket;
}

bool listens(int socket) {
  int answer = 0;
  socklen_t size = sizeof answer;
  return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer != 0;
}

bool is_descriptor_limit(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Result<Descriptor> listen_tcp(const Address& address) {
  if (!address.ip.empty()) return listen_on(address);
  auto both = listen_on({"::", address.port});
  if (both.ok() || both.error().code == ErrorCode::kAlreadyExists) return both;
  return listen_on({"0.0.0.0", address.port});
}

Result<Descriptor> listen_unix(const std::string& path) {
  const auto address = parse_peer("unix:" + path);
  if (!address.ok()) return address.error();
  auto target = to_socket_address(*address);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return failed("socket", *address);
  // Before it is bound: never open to others, not even for a moment.
  if (fchmod(socket.get(), 0600) != 0) return failed("fchmod", *address);
  unlink(path.c_str());
  if (bind(socket.get(), target->get(), target->size) != 0) return failed("bind", *address);
  if (listen(socket.get(), kBacklog) != 0) return failed("listen", *address);
  return socket;
}

Result<Address> listening_address(const Descriptor& socket) {
  SocketAddress bound;
  if (!listens(socket.get()) || getsockname(socket.get(), bound.get(), &bound.size) != 0) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("descriptor {} does not listen", socket.get())};
  }
  return from_socket_address(bound.storage);
}

struct Listener::State final : Watcher {
  explicit State(Loop& its_loop) : loop(its_loop) {}

  void on_readable() override {
    for (int i = 0; i < kAcceptsPerWake && watching; ++i) {
      SocketAddress peer;
      Descriptor accepted(
          accept4(socket.get(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (accepted.valid()) {
        set_stream_options(accepted.get());
        on_accept(std::move(accepted), from_socket_address(peer.storage));
      } else if (is_descriptor_limit(errno)) {
        return pause();
      } else if (errno == EAGAIN) {
        return;
      }
      // Else the peer was gone before it was accepted: take the next.
    }
  }
  void on_writable() override {}

  void pause() {
    pauses.fetch_add(1, std::memory_order_relaxed);
    loop.change(socket.get(), Interest::kNone, *this);
    timer = loop.schedule(kPause, [this] {
      timer = TimerId::kNone;
      loop.change(socket.get(), Interest::kRead, *this);
    });
  }

  void stop() {
    loop.cancel(std::exchange(timer, TimerId::kNone));
    if (std::exchange(watching, false)) loop.unwatch(socket.get());
    socket.reset();
  }

  Loop& loop;
  Descriptor socket;
  Address address;
  AcceptFunction on_accept;
  TimerId timer = TimerId::kNone;
  bool watching = false;
  std::atomic<std::uint64_t> pauses{0};
};

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Address& address) {
  auto socket = listen_tcp(address);
  if (!socket.ok()) return socket.error();
  return adopt(loop, std::move(socket).value());
}

Result<std::unique_ptr<Listener>> Listener::adopt(Loop& loop, Descriptor socket) {
  if (!listens(socket.get())) ::listen(socket.get(), kBacklog);
  auto address = listening_address(socket);
  if (!address.ok()) return address.error();
  auto state = std::make_unique<State>(loop);
  state->socket = std::move(socket);
  state->address = std::move(address).value();
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

Listener::~Listener() { stop(); }

void Listener::start(AcceptFunction on_accept) {
  CHECK(!state_->watching);
  CHECK(state_->socket.valid());
  state_->on_accept = std::move(on_accept);
  state_->watching = true;
  state_->loop.watch(state_->socket.get(), Interest::kRead, *state_);
}

void Listener::stop() { state_->stop(); }

const Address& Listener::address() const { return state_->address; }

std::uint64_t Listener::pauses() const { return state_->pauses.load(std::memory_order_relaxed); }

}  // namespace longwire::net
