#include "storage/embedded/directory_writer.h"

#include <algorithm>
#include <chrono>

namespace longwire::storage {
namespace {

constexpr std::chrono::milliseconds kRetryAfter{500};

}  // namespace

DirectoryWriter::DirectoryWriter(SqliteConnection& connection, std::size_t queue_max,
                                 std::size_t group_max)
    : connection_(connection), queue_max_(queue_max), group_max_(group_max) {
  thread_ = std::thread([this] { run(); });
}

DirectoryWriter::~DirectoryWriter() {
  queue_.lock()->stopping = true;
  changed_.notify_one();
  thread_.join();
}

void DirectoryWriter::enqueue(std::unique_ptr<Job> job) {
  {
    auto queue = queue_.lock();
    if (queue->admitted.size() < queue_max_) {
      queue->admitted.push_back(std::move(job));
    } else {
      queue->refused.push_back(std::move(job));
    }
  }
  changed_.notify_one();
}

void DirectoryWriter::run() {
  const Status refusal = Error{ErrorCode::kUnavailable, "too many writes wait", kRetryAfter};
  for (;;) {
    Jobs group;
    Jobs refused;
    {
      auto queue = queue_.lock();
      changed_.wait(queue.mutex_lock(), [&] {
        return queue->stopping || !queue->admitted.empty() || !queue->refused.empty();
      });
      refused.swap(queue->refused);
      while (!queue->admitted.empty() && group.size() < group_max_) {
        group.push_back(std::move(queue->admitted.front()));
        queue->admitted.pop_front();
      }
    }
    if (group.empty() && refused.empty()) return;
    for (const auto& job : refused) job->answer(refusal);
    run_group(group);
  }
}

// One call that cannot be done must not fail its neighbours: then each goes alone.
void DirectoryWriter::run_group(Jobs& group) {
  if (group.empty()) return;
  const Status together = run_transaction(group.data(), group.size());
  const bool alone = !together.ok() && group.size() > 1;
  for (auto& job : group) job->answer(alone ? run_transaction(&job, 1) : together);
}

Status DirectoryWriter::run_transaction(std::unique_ptr<Job>* jobs, std::size_t count) {
  TRY(connection_.execute("BEGIN IMMEDIATE"));
  Status status;
  for (std::size_t i = 0; i < count && status.ok(); ++i) status = jobs[i]->run(connection_);
  if (status.ok()) status = connection_.execute("COMMIT");
  // Some errors have rolled back already; then this one fails, and nothing is lost.
  if (!status.ok()) (void)connection_.execute("ROLLBACK");
  return status;
}

}  // namespace longwire::storage
