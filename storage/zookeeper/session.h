#pragma once

// Session: one session with the ensemble, and the few calls that a membership needs. session.cc is
// the one file that knows the library.
//
// Calls wait for their answer. Errors: kUnavailable (no answer, or the session is over; a write may
// be done all the same), kNotFound, kAlreadyExists, kInvalidArgument (refused: rights, path).

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "storage/zookeeper/options.h"
#include "storage/zookeeper/signals.h"

namespace longwire::storage::zookeeper {

struct Node {
  Bytes data;
  std::int64_t owner = 0;  // the session it ends with; 0: it stays
};

// Bound to one thread. Tells `signals`, which outlive it, of its link and of the node watched.
class Session final {
  struct Handle;
  class Key {
    friend class Session;
    Key() = default;
  };

 public:
  Session(Key key, Signals& signals, std::unique_ptr<Handle> handle);
  // Returns before the servers have answered: see Signals::State::link. kInvalidArgument: such
  // servers cannot be; kUnavailable: their names cannot be looked up.
  static Result<std::unique_ptr<Session>> open(const Options& options, Signals& signals);
  // Ends the session, and so the lease, at once where the servers can be told. Takes up to 3 s.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::int64_t id() const;
  std::chrono::milliseconds timeout() const;  // as the servers have set it; once connected

  // Names below `path`. From then on, until it is told once, a change of these is told.
  Result<std::vector<std::string>> watch_children(const std::string& path);
  Result<Node> get(const std::string& path);
  Status create_lasting(const std::string& path);
  Status create_ephemeral(const std::string& path, const Bytes& data);
  // In place of the one there: nobody sees a moment without, nor two. kNotFound: there is none.
  Status replace_ephemeral(const std::string& path, const Bytes& data);
  Status remove(const std::string& path);

 private:
  struct Answer;
  struct Pending;
  template <typename Begin>
  Answer call(Begin begin);
  Status create(const std::string& path, const Bytes& data, int mode);

  Signals& signals_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace longwire::storage::zookeeper
