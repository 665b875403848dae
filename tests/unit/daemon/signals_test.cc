#include "daemon/serve/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace longwire::daemon {
namespace {

// What a start does that never ends.
void start_and_get(int signal) {
  block_signals();
  const SignalsKill while_starting;
  ::kill(::getpid(), signal);
  while (true) ::pause();
}

TEST(Signals, end_a_start_that_does_not_end) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(start_and_get(SIGTERM), testing::KilledBySignal(SIGTERM), "");
  EXPECT_EXIT(start_and_get(SIGINT), testing::KilledBySignal(SIGINT), "");
}

TEST(Signals, are_values_once_it_serves) {
  const auto serve = [] {
    block_signals();
    { const SignalsKill while_starting; }
    ::kill(::getpid(), SIGTERM);
    ::_exit(wait_for_signal() == Signal::kStop ? 0 : 1);
  };
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(serve(), testing::ExitedWithCode(0), "");
}

TEST(Signals, a_hangup_waits_until_it_serves) {
  const auto serve = [] {
    block_signals();
    {
      const SignalsKill while_starting;
      ::kill(::getpid(), SIGHUP);
    }
    ::_exit(wait_for_signal() == Signal::kReload ? 0 : 1);
  };
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(serve(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace longwire::daemon
