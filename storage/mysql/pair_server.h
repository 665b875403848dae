#pragma once

// PairServer: the keeper's hand on one server of a pair: looks, and changes what it is told to.
// Private to this folder.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "storage/mysql/connection.h"
#include "storage/mysql/pair_rules.h"
#include "storage/mysql/stop_signal.h"

namespace longwire::storage::mysql {

// All calls block, up to options.pair_timeout a statement. Used by one thread.
class PairServer final {
 public:
  // `options` with this server's address; the account of the pair is used.
  explicit PairServer(const Options& options);

  // `settled`: waits for a change of the record that is about to be committed, or not.
  Result<ServerSeen> look(bool settled);
  // Makes the table, and the record where there is none. The database is there.
  Status create(const PairRecord& record);
  // False: the record is not `from` any more; nothing was changed. An error: it may have been
  // changed, and the connection is gone.
  Result<bool> change(const PairRecord& from, const PairRecord& to);
  Status beat(const PairRecord& record);
  Status set_read_only(bool on);

  // Takes in and applies what `leader` commits, which `lost_domain` was kept out of before.
  Status follow();
  // Takes nothing from the other any more, and not after a start either.
  Status leave(std::uint64_t domain_of_other);
  // Stops receiving; then all that was received is applied, within `limit`, and until `stop`.
  Status finish_received(std::chrono::milliseconds limit, const StopSignal& stop);
  // Only who has it changes how this server replicates; ends with the connection.
  Result<bool> lock();
  void unlock();

  void close() { connection_.reset(); }
  const std::string& address() const { return options_.address; }
  // Of the connection; another one after each loss.
  std::uint64_t connection() const { return connection_ ? connections_ : 0; }

 private:
  struct Following {
    bool receives = false;
    bool applies = false;
    Bytes received;        // position
    bool ignores = false;  // the other's domain
  };

  Result<Connection*> connect();
  Result<bool> change_once(const PairRecord& from, const PairRecord& to);
  // True once it has applied all of `position`, as a server writes it; false after `limit`.
  Result<bool> wait_for(const Bytes& position, std::chrono::milliseconds limit,
                        const StopSignal& stop);
  // Drops a connection that failed.
  Status settle(Status status);
  Status execute(const std::string& sql);
  Result<Following> following();
  Status read_state(ServerSeen& seen);
  Status read_record(ServerSeen& seen, bool settled);

  const Options options_;
  const std::string table_;
  const std::string select_;
  const std::string select_settled_;
  const std::string update_;
  const std::string insert_;
  const std::string beat_;
  std::unique_ptr<Connection> connection_;
  std::uint64_t connections_ = 0;
};

}  // namespace longwire::storage::mysql
