#include "storage/hbase/client_pool.h"

#include <utility>

namespace longwire::storage::hbase {

ClientPool::ClientPool(Size size, const Options& options, GatewayList& gateways, const Clock& clock)
    : queued_max_(static_cast<std::size_t>(size.queued_max)),
      options_(options),
      gateways_(gateways),
      clock_(clock) {
  for (std::int64_t i = 0; i < size.connections; ++i) threads_.emplace_back([this] { run(); });
  refuser_ = std::thread([this] { turn_away(); });
}

// A job that ends may submit another: those are turned away once no worker is left.
ClientPool::~ClientPool() {
  stop();
  for (auto& thread : threads_) thread.join();
  queue_.lock()->ended = true;
  refused_.notify_all();
  refuser_.join();
}

void ClientPool::stop() {
  auto queue = queue_.lock();
  queue->stopping = true;
  for (Idler* idler : std::exchange(queue->idle, {})) call(*idler);
}

void ClientPool::call(Idler& idler) {
  idler.is_called = true;
  idler.called.notify_one();
}

void ClientPool::submit(Job job) {
  auto queue = queue_.lock();
  if (queue->admitted.size() >= queued_max_) {
    queue->refused.push_back(std::move(job));
    refused_.notify_one();
    return;
  }
  queue->admitted.push_back({std::move(job), clock_.monotonic()});
  if (queue->idle.empty()) return;
  Idler& warmest = *queue->idle.back();
  queue->idle.pop_back();
  call(warmest);
}

std::optional<ClientPool::Job> ClientPool::take(Idler& self) {
  auto queue = queue_.lock();
  while (!queue->stopping && queue->admitted.empty()) {
    self.is_called = false;
    queue->idle.push_back(&self);
    self.called.wait(queue.mutex_lock(), [&] { return self.is_called; });
  }
  if (queue->stopping) return std::nullopt;
  Job job = std::move(queue->admitted.front().job);
  queue->admitted.pop_front();
  return job;
}

void ClientPool::run() {
  Link link(options_, gateways_, clock_);
  Idler self;
  while (std::optional<Job> job = take(self)) (*job)(&link);
}

std::optional<std::pair<ClientPool::Job, Error>> ClientPool::take_refused() {
  auto queue = queue_.lock();
  for (;;) {
    if (!queue->refused.empty()) {
      Job job = std::move(queue->refused.front());
      queue->refused.pop_front();
      return std::pair(
          std::move(job),
          Error{ErrorCode::kUnavailable, "too many requests wait for HBase", options_.backoff_min});
    }
    const bool overdue =
        !queue->admitted.empty() &&
        clock_.monotonic() - queue->admitted.front().since > options_.operation_timeout;
    if (!queue->admitted.empty() && (overdue || queue->stopping)) {
      Job job = std::move(queue->admitted.front().job);
      queue->admitted.pop_front();
      return std::pair(std::move(job),
                       Error{ErrorCode::kUnavailable, "waited too long for a connection to HBase"});
    }
    if (queue->ended) return std::nullopt;
    refused_.wait_for(queue.mutex_lock(), options_.backoff_min);
  }
}

void ClientPool::turn_away() {
  while (auto refused = take_refused()) refused->first(std::move(refused->second));
}

}  // namespace longwire::storage::hbase
