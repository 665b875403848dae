#pragma once

// Strand: jobs of one partition that run one after the other on a pool's threads.

#include <deque>

#include "base/function.h"
#include "base/guarded.h"
#include "storage/hbase/client_pool.h"

namespace longwire::storage::hbase {

// Thread-safe. Outlives the pool's threads.
class Strand final {
 public:
  static constexpr std::size_t kWaitingMax = 256;  // one commit is in flight; takeovers, repeats

  explicit Strand(ClientPool& pool) : pool_(pool) {}

  // Past kWaitingMax the job is refused, as the pool refuses.
  void submit(ClientPool::Job job) {
    {
      auto queue = queue_.lock();
      if (queue->waiting.size() >= kWaitingMax) return refuse(std::move(job));
      queue->waiting.push_back(std::move(job));
      if (queue->running) return;
      queue->running = true;
    }
    run_next();
  }

 private:
  struct Queue {
    std::deque<ClientPool::Job> waiting;
    bool running = false;
  };

  void refuse(ClientPool::Job job) {
    pool_.submit([job = std::move(job)](const Result<Link*>&) mutable {
      job(Error{ErrorCode::kUnavailable, "too many calls wait for this partition"});
    });
  }

  // A refusal of the pool is one of this job alone: the next is asked for again.
  void run_next() {
    pool_.submit([this](Result<Link*> link) {
      take()(std::move(link));
      {
        auto queue = queue_.lock();
        if (queue->waiting.empty()) {
          queue->running = false;
          return;
        }
      }
      run_next();
    });
  }

  ClientPool::Job take() {
    auto queue = queue_.lock();
    ClientPool::Job job = std::move(queue->waiting.front());
    queue->waiting.pop_front();
    return job;
  }

  ClientPool& pool_;
  Guarded<Queue> queue_;
};

}  // namespace longwire::storage::hbase
