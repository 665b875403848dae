#include "base/net/loop_thread.h"

#include <pthread.h>

#include <algorithm>
#include <future>

#include "base/check.h"

namespace longwire::net {
namespace {

constexpr std::size_t kThreadNameMax = 15;

}  // namespace

LoopThread::LoopThread(std::string name) : loop_(name), thread_([this] { loop_.run(); }) {
  name.resize(std::min(name.size(), kThreadNameMax));
  pthread_setname_np(thread_.native_handle(), name.c_str());
  // From here on the loop has its thread, and its calls from elsewhere are noticed.
  CHECK(call([] {}));
}

LoopThread::~LoopThread() { stop(); }

bool LoopThread::call(Task task) {
  CHECK(!loop_.in_loop());
  // Dropped unrun, the promise breaks; either way the wait ends.
  std::promise<void> done;
  std::future<void> end = done.get_future();
  bool ran = false;
  loop_.post([&ran, work = std::move(task), promise = std::move(done)]() mutable {
    work();
    ran = true;
    promise.set_value();
  });
  end.wait();
  return ran;
}

void LoopThread::stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace longwire::net
