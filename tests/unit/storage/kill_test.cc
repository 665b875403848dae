// kill -9 at any moment: what the process had acknowledged is there when the next one opens.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>

#include "tests/unit/storage/embedded_fixture.h"

namespace longwire::test {
namespace {

// A running commit_writer. Killed at the latest when it goes.
class CommitWriter {
 public:
  struct Acknowledged {
    std::uint64_t partition = 0;
    std::uint64_t position = 0;
  };

  explicit CommitWriter(std::string path) {
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string program = LONGWIRE_COMMIT_WRITER;
    char* arguments[] = {program.data(), path.data(), nullptr};
    CHECK(posix_spawn(&child_, program.c_str(), &actions, nullptr, arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    out_ = ends[0];
  }
  ~CommitWriter() {
    kill_now();
    close(out_);
    waitpid(child_, nullptr, 0);
  }
  CommitWriter(const CommitWriter&) = delete;
  CommitWriter& operator=(const CommitWriter&) = delete;

  void kill_now() { kill(child_, SIGKILL); }
  // false: it has ended, and all it said was read.
  bool read_next(Acknowledged& line) { return ::read(out_, &line, sizeof line) == sizeof line; }

 private:
  pid_t child_ = -1;
  int out_ = -1;
};

class Kill : public EmbeddedFixture {
 protected:
  Kill() { disk_ = nullptr; }  // the real one

  // Lets a process write until it has acknowledged `enough`, kills it while it goes on, answers the
  // last position it acknowledged in each partition.
  std::map<std::uint64_t, std::uint64_t> run_and_kill(int enough) {
    CommitWriter writer(options_.path);
    std::map<std::uint64_t, std::uint64_t> acknowledged;
    CommitWriter::Acknowledged line;
    for (int i = 0; writer.read_next(line); ++i) {
      acknowledged[line.partition] = line.position;
      if (i == enough) writer.kill_now();
    }
    return acknowledged;
  }
};

TEST_F(Kill, Loses_no_acknowledged_commit) {
  std::mt19937 random(7);
  Position most = 0;
  for (int round = 0; round < 8; ++round) {
    const auto acknowledged = run_and_kill(static_cast<int>(random() % 300));
    open();
    for (const auto& [partition, position] : acknowledged) {
      const auto id = static_cast<PartitionId>(partition);
      const Head left = head(id).value();
      EXPECT_GE(left.position, position);
      EXPECT_LE(left.position, position + 1);
      const bool takeover = left.previous_position + 1 == position;  // holds no rows
      EXPECT_NE(is_in(position, id), takeover);
      EXPECT_FALSE(is_in(left.position + 1, id));
      most = std::max(most, position);
    }
    store_.reset();
  }
  EXPECT_GT(most, 100u);
}

TEST_F(Kill, Directory_in_use_by_another_process_is_refused_until_it_is_killed) {
  {
    CommitWriter writer(options_.path);
    CommitWriter::Acknowledged line;
    ASSERT_TRUE(writer.read_next(line));
    const auto opened = storage::open_embedded_store(options_, clock(), null_log());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(opened.error().message.find("in use by another process"), std::string::npos);
  }
  EXPECT_TRUE(storage::open_embedded_store(options_, clock(), null_log()).ok());
}

}  // namespace
}  // namespace longwire::test
