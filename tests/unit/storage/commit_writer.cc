// A process for kill_test to kill: opens the store at argv[1] and commits without end; after each
// answer it prints partition and position as two raw 64-bit numbers. The first line comes once the
// store is open: the takeovers.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <future>
#include <memory>
#include <vector>

#include "storage/embedded/embedded_store.h"

namespace longwire::test {
namespace {

using middle::CommitOutcome;
using middle::Head;
using middle::PartitionId;
using middle::Position;
using middle::WriterId;

constexpr PartitionId kBusy = 4;

bool acknowledge(std::uint64_t partition, std::uint64_t position) {
  const std::uint64_t line[2] = {partition, position};
  return write(STDOUT_FILENO, line, sizeof line) == sizeof line;
}

middle::Batch batch_of(Position position) {
  const Bytes key = std::to_string(position);
  return {Timestamp{static_cast<std::int64_t>(position) * 10},
          "state",
          {{key, Bytes(200, 'x'), std::nullopt}, {key + "b", "v", std::nullopt}}};
}

template <typename T>
std::pair<Callback<T>, std::future<Result<T>>> promised() {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  return {[promise](Result<T> result) { promise->set_value(std::move(result)); },
          std::move(future)};
}

int write_forever(middle::PartitionStore& store) {
  std::vector<Position> positions;
  for (PartitionId i = 0; i < kBusy; ++i) {
    auto [done, opened] = promised<Head>();
    store.open(i, WriterId("writer " + std::to_string(getpid())), std::move(done));
    positions.push_back(opened.get().value().position);
    if (!acknowledge(i, positions.back())) return 0;
  }
  for (;;) {
    std::vector<std::future<Result<CommitOutcome>>> answers;
    for (PartitionId i = 0; i < kBusy; ++i) {
      auto [done, answer] = promised<CommitOutcome>();
      answers.push_back(std::move(answer));
      store.commit(i, WriterId("writer " + std::to_string(getpid())), positions[i] + 1,
                   std::make_shared<const middle::Batch>(batch_of(positions[i] + 1)),
                   std::move(done));
    }
    for (PartitionId i = 0; i < kBusy; ++i) {
      if (answers[i].get().value() != CommitOutcome::kDone) return 1;
      if (!acknowledge(i, ++positions[i])) return 0;
    }
  }
}

}  // namespace
}  // namespace longwire::test

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  longwire::storage::EmbeddedStoreOptions options;
  options.path = argv[1];
  options.create_with.emplace();
  auto store = longwire::storage::open_embedded_store(options, longwire::system_clock(),
                                                      longwire::null_log());
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    return 1;
  }
  return longwire::test::write_forever(**store);
}
