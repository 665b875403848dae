#pragma once

// DirectoryWriter: the thread that writes to SQLite, many calls in one transaction. Private to
// this folder.

#include <condition_variable>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/function.h"
#include "base/guarded.h"
#include "storage/embedded/sqlite.h"

namespace longwire::storage {

// Thread-safe.
class DirectoryWriter final {
 public:
  // `connection` belongs to the writer's thread from here on, and outlives it.
  DirectoryWriter(SqliteConnection& connection, std::size_t queue_max, std::size_t group_max);
  // Finishes what is queued, then ends.
  ~DirectoryWriter();
  DirectoryWriter(const DirectoryWriter&) = delete;
  DirectoryWriter& operator=(const DirectoryWriter&) = delete;

  // `work` is Result<T>(SqliteConnection&): it runs in the group's transaction, and again where
  // the transaction of a group failed. `done` is called after the commit.
  template <typename T, typename Work>
  void submit(Work work, Callback<T> done) {
    enqueue(std::make_unique<TypedJob<T, Work>>(std::move(work), std::move(done)));
  }

 private:
  class Job {
   public:
    virtual ~Job() = default;
    virtual Status run(SqliteConnection& connection) = 0;
    virtual void answer(const Status& committed) = 0;
  };
  template <typename T, typename Work>
  class TypedJob final : public Job {
   public:
    TypedJob(Work work, Callback<T> done) : work_(std::move(work)), done_(std::move(done)) {}
    Status run(SqliteConnection& connection) override {
      result_.emplace(work_(connection));
      if (!result_->ok()) return result_->error();
      return {};
    }
    void answer(const Status& committed) override {
      if (!committed.ok()) return done_(committed.error());
      done_(std::move(*result_));
    }

   private:
    Work work_;
    Callback<T> done_;
    std::optional<Result<T>> result_;
  };
  using Jobs = std::vector<std::unique_ptr<Job>>;
  struct Queue {
    std::deque<std::unique_ptr<Job>> admitted;
    Jobs refused;
    bool stopping = false;
  };

  void enqueue(std::unique_ptr<Job> job);
  void run();
  void run_group(Jobs& group);
  Status run_transaction(std::unique_ptr<Job>* jobs, std::size_t count);

  SqliteConnection& connection_;
  const std::size_t queue_max_;
  const std::size_t group_max_;
  Guarded<Queue> queue_;
  std::condition_variable changed_;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace longwire::storage
