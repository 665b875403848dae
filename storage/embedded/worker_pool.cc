#include "storage/embedded/worker_pool.h"

#include <utility>

namespace longwire::storage {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_max) : queue_max_(queue_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
  queue_.lock()->stopping = true;
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkerPool::submit(Job job) {
  {
    auto queue = queue_.lock();
    auto& line = queue->admitted.size() < queue_max_ ? queue->admitted : queue->refused;
    line.push_back(std::move(job));
  }
  changed_.notify_one();
}

void WorkerPool::run() {
  for (;;) {
    Job job;
    bool admitted = false;
    {
      auto queue = queue_.lock();
      changed_.wait(queue.mutex_lock(), [&] {
        return queue->stopping || !queue->admitted.empty() || !queue->refused.empty();
      });
      if (queue->admitted.empty() && queue->refused.empty()) return;
      admitted = queue->refused.empty();
      auto& line = admitted ? queue->admitted : queue->refused;
      job = std::move(line.front());
      line.pop_front();
    }
    job(admitted);
  }
}

}  // namespace longwire::storage
