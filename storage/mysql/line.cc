#include "storage/mysql/line.h"

#include <utility>

namespace longwire::storage::mysql {

Line::Line(SessionParts parts, Connection::Mode mode, Size size)
    : parts_(parts), mode_(mode), queued_max_(static_cast<std::size_t>(size.queued_max)) {
  for (std::int64_t i = 0; i < size.threads; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { refuse(); });
}

Line::~Line() {
  state_.lock()->stopping = true;
  queued_.notify_all();
  refused_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Line::submit(Job job) {
  const MonotonicTime until = parts_.clock.monotonic() + parts_.options.wait_max;
  bool admitted = false;
  bool wake_refusing = false;
  {
    auto state = state_.lock();
    admitted = state->queued.size() < queued_max_;
    wake_refusing = std::exchange(state->refusing_sleeps, false) || !admitted;
    if (admitted) {
      state->queued.push_back({std::move(job), until});
    } else {
      state->refused.push_back(std::move(job));
    }
  }
  if (admitted) queued_.notify_one();
  if (wake_refusing) refused_.notify_one();
}

void Line::work() {
  const ThreadUse use;
  Session session(parts_, mode_);
  for (;;) {
    Job job;
    {
      auto state = state_.lock();
      queued_.wait(state.mutex_lock(), [&] { return state->stopping || !state->queued.empty(); });
      if (state->queued.empty()) {
        refused_.notify_one();  // it may sleep for the sake of a job that was done meanwhile
        return;
      }
      job = std::move(state->queued.front().job);
      state->queued.pop_front();
    }
    job(&session);
  }
}

void Line::refuse() {
  const Error refusal{ErrorCode::kUnavailable, "too many calls wait for the MySQL server",
                      parts_.options.retry_after};
  for (;;) {
    std::deque<Job> jobs = next_refused();
    if (jobs.empty()) return;
    for (Job& job : jobs) job(refusal);
  }
}

// All wait equally long, so the first in the queue is the first whose time is over.
std::deque<Line::Job> Line::next_refused() {
  auto state = state_.lock();
  for (;;) {
    const MonotonicTime now = parts_.clock.monotonic();
    while (!state->queued.empty() && state->queued.front().until <= now) {
      state->refused.push_back(std::move(state->queued.front().job));
      state->queued.pop_front();
    }
    if (!state->refused.empty()) return std::exchange(state->refused, {});
    if (state->queued.empty()) {
      if (state->stopping) return {};
      state->refusing_sleeps = true;
      refused_.wait(state.mutex_lock());
    } else {
      refused_.wait_for(state.mutex_lock(), state->queued.front().until - now);
    }
  }
}

}  // namespace longwire::storage::mysql
