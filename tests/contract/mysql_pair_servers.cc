#include "tests/contract/mysql_pair_servers.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/check.h"

namespace longwire::test {
namespace {

std::string instance() {
  const char* const value = std::getenv("LONGWIRE_TEST_MYSQL_INSTANCE");
  CHECK(value != nullptr);
  return value;
}

std::string name_of(int server) { return "mariadb-pair-" + std::to_string(server + 1); }

}  // namespace

MySqlPairServers::MySqlPairServers() {
  services("down mariadb-pair");
  services("wipe mariadb-pair");
  services("up mariadb-pair");
}

void MySqlPairServers::kill(int server) { signal(server, SIGKILL); }
void MySqlPairServers::halt(int server) { signal(server, SIGSTOP); }
void MySqlPairServers::go_on(int server) { signal(server, SIGCONT); }
void MySqlPairServers::start(int server) { services("up mariadb-pair --only " + name_of(server)); }

bool MySqlPairServers::refill(int server, const std::string& database) {
  const auto client_file = [](int of) {
    return instance() + "/mariadb-pair/" + name_of(of) + ".cnf";
  };
  const std::string command = "/usr/bin/python3 deploy/mariadb_refill.py --from '" +
                              client_file(1 - server) + "' --to '" + client_file(server) +
                              "' --database " + database + " > /dev/null";
  return std::system(command.c_str()) == 0;
}

void MySqlPairServers::signal(int server, int number) {
  std::ifstream file(instance() + "/mariadb-pair/" + name_of(server) + ".pid");
  pid_t pid = 0;
  file >> pid;
  CHECK(pid > 1);
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  CHECK(watched >= 0);
  CHECK(::kill(pid, number) == 0);
  // Its last thread is gone then, and its locks and port with it: the next can start.
  pollfd end{.fd = watched, .events = POLLIN, .revents = 0};
  if (number == SIGKILL) CHECK(::poll(&end, 1, 60'000) == 1);
  ::close(watched);
}

void MySqlPairServers::services(const std::string& arguments) {
  const std::string command = "/usr/bin/python3 deploy/local/services.py " + arguments +
                              " --instance '" + instance() + "' > /dev/null";
  CHECK(std::system(command.c_str()) == 0);
}

}  // namespace longwire::test
