#include "daemon/control/control_server.h"

#include <sys/socket.h>

#include <set>
#include <utility>

#include "base/net/connection.h"
#include "daemon/control/control_client.h"
#include "daemon/control/control_socket.h"

namespace longwire::daemon {
namespace {

Error bad_params(const Json::exception& error) {
  return {ErrorCode::kInvalidArgument, error.what()};
}

void carry_out(const ControlTable& table, const ControlRequest& request, Callback<Json> done) {
  const ControlHandler* handler = table.find(request.command);
  if (handler == nullptr) {
    done(Error{ErrorCode::kUnsupported, "this server does not know " + request.command});
    return;
  }
  (*handler)(request.params, std::move(done));
}

}  // namespace

// One command's connection.
class ControlSession final : public net::ConnectionHandler,
                             public std::enable_shared_from_this<ControlSession> {
 public:
  using Closed = UniqueFunction<void(ControlSession&)>;

  ControlSession(net::Loop& loop, net::Descriptor socket, const ControlTable& table, Closed closed)
      : table_(table),
        closed_(std::move(closed)),
        connection_(loop, std::move(socket), net::Address{},
                    net::ConnectionLimits{.write_limit = kControlResponseBytesMax}, nullptr,
                    *this) {}

  void on_data(net::Connection& connection, BytesView data) override {
    (void)connection;
    received_.append(data);
    serve_next();
  }

  void on_closed(net::Connection& connection, net::CloseReason reason) override {
    (void)connection;
    (void)reason;
    const auto until_the_end = shared_from_this();
    closed_(*this);
  }

 private:
  void serve_next() {
    if (answering_) return;
    auto frame = take_control_frame(received_, kControlRequestBytesMax);
    if (!frame.ok()) {
      connection_.abort();
      return;
    }
    if (!frame->has_value()) return;
    answering_ = true;
    const auto request = read_control_request(**frame);
    if (!request.ok()) {
      answer(request.error());
      return;
    }
    call(*request);
  }

  void call(const ControlRequest& request) {
    // The command may have gone away before its answer is there.
    auto done = [self = weak_from_this()](const Result<Json>& outcome) {
      if (const auto session = self.lock()) session->answer(outcome);
    };
    try {
      carry_out(table_, request, std::move(done));
    } catch (const Json::exception& error) {
      answer(bad_params(error));
    }
  }

  void answer(const Result<Json>& outcome) {
    answering_ = false;
    connection_.write(encode_control_frame(make_control_response(outcome)));
    serve_next();
  }

  const ControlTable& table_;
  Closed closed_;
  Bytes received_;
  bool answering_ = false;
  net::Connection connection_;
};

struct ControlServer::State final : public net::Watcher {
  State(net::Loop& l, LogSink& sink, net::Descriptor s, const ControlTable& t)
      : loop(l), log(sink, "control"), socket(std::move(s)), table(t) {}
  ~State() override {
    if (started) loop.unwatch(socket.get());
  }

  void start() {
    if (connected.valid()) return add_session(std::move(connected));
    started = true;
    loop.watch(socket.get(), net::Interest::kRead, *this);
  }

  void add_session(net::Descriptor peer) {
    auto closed = [this](ControlSession& session) { forget(session); };
    sessions.insert(
        std::make_shared<ControlSession>(loop, std::move(peer), table, std::move(closed)));
  }

  void on_readable() override {
    while (sessions.size() < kControlConnectionsMax) {
      net::Descriptor peer(::accept4(socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!peer.valid()) return;
      add_session(std::move(peer));
    }
    set_accepting(false);
  }
  void on_writable() override {}

  void forget(ControlSession& session) {
    sessions.erase(session.shared_from_this());
    if (started) return set_accepting(true);
    if (ended) ended();
  }

  void set_accepting(bool accept) {
    loop.change(socket.get(), accept ? net::Interest::kRead : net::Interest::kNone, *this);
  }

  net::Loop& loop;
  Logger log;
  net::Descriptor socket;     // where commands come in; none where there is one connection alone
  net::Descriptor connected;  // that one, until start()
  Task ended;
  const ControlTable& table;
  std::set<std::shared_ptr<ControlSession>> sessions;  // shared with answers under way, weakly
  bool started = false;
};

ControlServer::ControlServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::open(net::Loop& loop, LogSink& log,
                                                           const std::filesystem::path& data,
                                                           const ControlTable& table) {
  auto socket = listen_control_socket(control_socket_path(data));
  if (!socket.ok()) return socket.error();
  auto state = std::make_unique<State>(loop, log, std::move(*socket), table);
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(state)));
}

std::unique_ptr<ControlServer> ControlServer::adopt(net::Loop& loop, LogSink& log,
                                                    net::Descriptor connected,
                                                    const ControlTable& table, Task ended) {
  auto state = std::make_unique<State>(loop, log, net::Descriptor(), table);
  state->connected = std::move(connected);
  state->ended = std::move(ended);
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(state)));
}

void ControlServer::start() { state_->start(); }

}  // namespace longwire::daemon
