// A process for the membership's contract suite, to be killed and halted: a member of the ZooKeeper
// given, until its standard input ends; then it leaves.
//
//   zookeeper_member SERVER PATH LEASE_MS ADDRESS LIFE
//
// Each list that it is told is a line "ADDRESS/LIFE ADDRESS/LIFE …" on stdout.

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "storage/zookeeper/zookeeper_membership.h"

namespace longwire::test {
namespace {

void say(const middle::Members& members) {
  const char* space = "";
  for (const middle::Member& each : members) {
    std::printf("%s%s/%s", space, each.address.c_str(), each.life.c_str());
    space = " ";
  }
  std::printf("\n");
  std::fflush(stdout);
}

int run(char** arguments) {
  ::signal(SIGPIPE, SIG_IGN);
  const storage::zookeeper::Options options{
      .servers = {arguments[1]},
      .path = arguments[2],
      .session_timeout = std::chrono::milliseconds(std::atoi(arguments[3]))};
  const auto membership = storage::zookeeper::make_membership(options, system_clock(), null_log());
  middle::Member self{.address = arguments[4], .life = arguments[5], .version = "test"};
  membership->start(std::make_unique<middle::Member>(std::move(self)), &say,
                    [](const Status& done) {
                      if (!done.ok()) std::fprintf(stderr, "%s\n", done.error().message.c_str());
                    });
  for (char byte = 0; ::read(STDIN_FILENO, &byte, 1) == 1;) continue;
  return 0;
}

}  // namespace
}  // namespace longwire::test

int main(int argc, char** argv) { return argc == 6 ? longwire::test::run(argv) : 2; }
