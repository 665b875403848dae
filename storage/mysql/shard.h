#pragma once

// Shard: one server, or a pair of them, with the threads that call it. Private to this folder.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "storage/mysql/line.h"
#include "storage/mysql/metrics.h"
#include "storage/mysql/mysql_directory.h"
#include "storage/mysql/pair.h"
#include "storage/mysql/session.h"

namespace longwire::storage::mysql {

// Thread-safe.
class Shard final {
 public:
  Shard(Options options, Surroundings around);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Waits for the server of a pair that is written to, and brings its tables up to date; makes them
  // only where `create`.
  Status open(bool create);
  // Of the server that is written to. kUnavailable: nobody knows.
  Result<Options> where() const;

  // `work` is Result<T>(Connection&), and may run several times.
  template <typename T, typename Work>
  void read(Callback<T> done, Work work) {
    readers_->submit([done = measured(std::move(done), metrics_.read_seconds),
                      work = std::move(work)](Result<Session*> session) mutable {
      if (!session) return done(std::move(session).error());
      done((*session)->template read<T>(std::move(work)));
    });
  }
  // Writes with the same key go through the same connection, one after the other.
  template <typename T, typename Work>
  void write(const std::string& key, Callback<T> done, Work work) {
    Line& line = *writers_[hash64(key) % writers_.size()];
    line.submit([done = measured(std::move(done), metrics_.write_seconds),
                 work = std::move(work)](Result<Session*> session) mutable {
      if (!session) return done(std::move(session).error());
      done((*session)->template write<T>(std::move(work)));
    });
  }

 private:
  template <typename T>
  Callback<T> measured(Callback<T> done, Histogram& seconds) {
    const MonotonicTime begun = around_.clock.monotonic();
    return [this, begun, &seconds, done = std::move(done)](Result<T> answer) mutable {
      const std::chrono::duration<double> taken = around_.clock.monotonic() - begun;
      seconds.observe(taken.count());
      if (!answer.ok()) metrics_.failures(answer.error().code).add();
      done(std::move(answer));
    };
  }

  const Options options_;
  const Surroundings around_;
  CallMetrics metrics_;
  StopSignal stop_;
  std::vector<std::unique_ptr<Health>> servers_;
  std::unique_ptr<Pair> pair_;  // null: there is one server
  std::vector<std::unique_ptr<Line>> writers_;
  std::unique_ptr<Line> readers_;
};

}  // namespace longwire::storage::mysql
