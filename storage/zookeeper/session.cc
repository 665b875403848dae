#include "storage/zookeeper/session.h"

#include <zookeeper/zookeeper.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace longwire::storage::zookeeper {

struct Session::Handle {
  zhandle_t* library = nullptr;
};

struct Session::Answer {
  int code = ZOK;
  std::vector<std::string> names = {};
  Node node = {};
};

// A call on its way. The library keeps pointers into it.
struct Session::Pending {
  explicit Pending(Signals& to_tell) : signals(to_tell) {}

  // What a completion is given: it owns its share, since a call may be given up before its answer
  // comes, and the library answers every call, at the latest when it is closed.
  using Share = std::shared_ptr<Pending>;
  static void finish(const void* data, Answer answer) {
    const std::unique_ptr<Share> share(static_cast<Share*>(const_cast<void*>(data)));
    Signals& signals = (*share)->signals;
    signals.tell([&](Signals::State&) { (*share)->answer = std::move(answer); });
  }

  static void on_done(int code, const void* data) { finish(data, {.code = code}); }
  static void on_created(int code, const char* /*path*/, const void* data) {
    finish(data, {.code = code});
  }
  static void on_names(int code, const String_vector* names, const void* data) {
    Answer answer{.code = code};
    if (code == ZOK && names != nullptr) {
      answer.names.assign(names->data, names->data + names->count);
    }
    finish(data, std::move(answer));
  }
  static void on_node(int code, const char* value, int size, const Stat* stat, const void* data) {
    Answer answer{.code = code};
    if (code == ZOK && stat != nullptr) {
      if (size > 0) answer.node.data.assign(value, static_cast<std::size_t>(size));
      answer.node.owner = stat->ephemeralOwner;
    }
    finish(data, std::move(answer));
  }

  Signals& signals;
  std::optional<Answer> answer;  // guarded by the lock of `signals`
  std::array<zoo_op_result_t, 2> results = {};
  std::array<char, 1024> created = {};
};

namespace {

Link link_of(int state) {
  if (state == ZOO_CONNECTED_STATE) return Link::kThere;
  if (state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE) return Link::kOver;
  return Link::kAway;
}

void on_session_event(zhandle_t* /*handle*/, int type, int state, const char* /*path*/,
                      void* context) {
  if (type != ZOO_SESSION_EVENT) return;
  static_cast<Signals*>(context)->tell([state](Signals::State& signals) {
    if (signals.link == Link::kOver) return;  // there is no way back
    signals.link = link_of(state);
    signals.link_changed = true;
  });
}

void on_members_event(zhandle_t* /*handle*/, int type, int /*state*/, const char* /*path*/,
                      void* context) {
  if (type == ZOO_SESSION_EVENT) return;  // told to the other one
  static_cast<Signals*>(context)->tell(
      [](Signals::State& signals) { signals.members_changed = true; });
}

ErrorCode code_of(int code) {
  switch (code) {
    case ZNONODE:
      return ErrorCode::kNotFound;
    case ZNODEEXISTS:
      return ErrorCode::kAlreadyExists;
    case ZNOAUTH:
    case ZAUTHFAILED:
    case ZINVALIDACL:
    case ZBADARGUMENTS:
    case ZNOCHILDRENFOREPHEMERALS:
      return ErrorCode::kInvalidArgument;
    default:
      return ErrorCode::kUnavailable;
  }
}

Error error_of(int code, std::string_view path) {
  const char* const why =
      code == ZNOAUTH ? "the node's access list does not allow it" : zerror(code);
  return {code_of(code), "ZooKeeper refuses " + std::string(path) + ": " + why};
}

std::string connect_string(const Options& options) {
  std::string text;
  for (const std::string& server : options.servers) text += (text.empty() ? "" : ",") + server;
  return text;
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const Options& options, Signals& signals) {
  TRY(check(options));
  signals.tell([](Signals::State& state) {
    state.link = Link::kAway;
    state.members_changed = false;
  });
  // Its own lines go to stderr, and its hook for them does not say whose they are: the keeper tells
  // what matters. For the whole process, and no harm when set twice.
  zoo_set_debug_level(static_cast<ZooLogLevel>(0));
  zhandle_t* const library =
      zookeeper_init2(connect_string(options).c_str(), &on_session_event,
                      static_cast<int>(options.session_timeout.count()), nullptr, &signals,
                      ZOO_NO_LOG_CLIENTENV, [](const char*) {});
  if (library == nullptr) {
    return Error{ErrorCode::kUnavailable, "zookeeper.servers: " + connect_string(options) + ": " +
                                              std::generic_category().message(errno)};
  }
  return std::unique_ptr<Session>(
      std::make_unique<Session>(Key(), signals, std::make_unique<Handle>(Handle{library})));
}

Session::Session(Key /*only open() makes one*/, Signals& signals, std::unique_ptr<Handle> handle)
    : signals_(signals), handle_(std::move(handle)) {}

Session::~Session() { zookeeper_close(handle_->library); }

std::int64_t Session::id() const { return zoo_client_id(handle_->library)->client_id; }

std::chrono::milliseconds Session::timeout() const {
  return std::chrono::milliseconds(zoo_recv_timeout(handle_->library));
}

template <typename Begin>
Session::Answer Session::call(Begin begin) {
  const auto pending = std::make_shared<Pending>(signals_);
  auto share = std::make_unique<Pending::Share>(pending);
  if (const int code = begin(*pending, share.get()); code != ZOK) return {.code = code};
  (void)share.release();  // the completion has it now
  if (!signals_.wait_for([&pending] { return pending->answer.has_value(); })) {
    return {.code = ZCLOSING};
  }
  return std::move(*pending->answer);
}

Result<std::vector<std::string>> Session::watch_children(const std::string& path) {
  Answer answer = call([&](Pending&, const void* share) {
    return zoo_awget_children(handle_->library, path.c_str(), &on_members_event, &signals_,
                              &Pending::on_names, share);
  });
  if (answer.code != ZOK) return error_of(answer.code, path);
  return std::move(answer.names);
}

Result<Node> Session::get(const std::string& path) {
  Answer answer = call([&](Pending&, const void* share) {
    return zoo_aget(handle_->library, path.c_str(), 0, &Pending::on_node, share);
  });
  if (answer.code != ZOK) return error_of(answer.code, path);
  return std::move(answer.node);
}

Status Session::create(const std::string& path, const Bytes& data, int mode) {
  const Answer answer = call([&](Pending&, const void* share) {
    return zoo_acreate(handle_->library, path.c_str(), data.data(), static_cast<int>(data.size()),
                       &ZOO_OPEN_ACL_UNSAFE, mode, &Pending::on_created, share);
  });
  if (answer.code != ZOK) return error_of(answer.code, path);
  return {};
}

Status Session::create_lasting(const std::string& path) { return create(path, {}, ZOO_PERSISTENT); }

Status Session::create_ephemeral(const std::string& path, const Bytes& data) {
  return create(path, data, ZOO_EPHEMERAL);
}

Status Session::replace_ephemeral(const std::string& path, const Bytes& data) {
  constexpr int kAnyVersion = -1;
  const Answer answer = call([&](Pending& pending, const void* share) {
    std::array<zoo_op_t, 2> steps = {};
    zoo_delete_op_init(&steps[0], path.c_str(), kAnyVersion);
    zoo_create_op_init(&steps[1], path.c_str(), data.data(), static_cast<int>(data.size()),
                       &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, pending.created.data(),
                       static_cast<int>(pending.created.size()));
    return zoo_amulti(handle_->library, static_cast<int>(steps.size()), steps.data(),
                      pending.results.data(), &Pending::on_done, share);
  });
  if (answer.code != ZOK) return error_of(answer.code, path);
  return {};
}

Status Session::remove(const std::string& path) {
  constexpr int kAnyVersion = -1;
  const Answer answer = call([&](Pending&, const void* share) {
    return zoo_adelete(handle_->library, path.c_str(), kAnyVersion, &Pending::on_done, share);
  });
  if (answer.code != ZOK) return error_of(answer.code, path);
  return {};
}

}  // namespace longwire::storage::zookeeper
