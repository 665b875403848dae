#include "daemon/serve/signals.h"

#include <csignal>
#include <initializer_list>

namespace longwire::daemon {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = set_of({SIGINT, SIGTERM, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

SignalsKill::SignalsKill()
    : thread_([over = over_.get_future()] {
        const sigset_t set = set_of({SIGINT, SIGTERM});
        pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
        over.wait();
      }) {}

SignalsKill::~SignalsKill() {
  over_.set_value();
  thread_.join();
}

Signal wait_for_signal() {
  const sigset_t set = set_of({SIGINT, SIGTERM, SIGHUP});
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return signal == SIGHUP ? Signal::kReload : Signal::kStop;
}

void let_signals_kill() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  const sigset_t set = set_of({SIGINT, SIGTERM});
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace longwire::daemon
