#pragma once

// WorkerPool: a few threads for calls that block, behind a queue that has an end.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "base/function.h"
#include "base/guarded.h"

namespace longwire::storage {

// Thread-safe.
class WorkerPool final {
 public:
  // Runs on a worker, once. `admitted` is false where the queue was full at submit(): then the job
  // is only to say so.
  using Job = UniqueFunction<void(bool admitted)>;

  WorkerPool(std::size_t threads, std::size_t queue_max);
  // Runs what is queued, then ends the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void submit(Job job);

 private:
  struct Queue {
    std::deque<Job> admitted;
    std::deque<Job> refused;  // answered first, costs next to nothing
    bool stopping = false;
  };

  void run();

  const std::size_t queue_max_;
  Guarded<Queue> queue_;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace longwire::storage
