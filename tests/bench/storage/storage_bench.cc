// How many durable commits and rows a second the embedded store takes.
//
//   storage_bench <empty directory> [seconds per line]
//
// Each of N partitions keeps one commit in flight: that is all a partition may have, so N is the
// number in flight. Rows are of 256 bytes; every commit is synced before it is answered.

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "storage/embedded/embedded_store.h"
#include "tests/bench/storage/commit_lines.h"

namespace longwire::bench {
namespace {

constexpr std::uint16_t kPartitions = 64;

int run(const std::string& path, std::chrono::milliseconds time) {
  storage::EmbeddedStoreOptions options;
  options.path = path;
  options.create_with.emplace();
  options.create_with->partitions = kPartitions;
  auto store = storage::open_embedded_store(options, system_clock(), null_log());
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    return 1;
  }
  print_heading();
  for (const int rows : std::array{1, 32}) {
    for (const int in_flight : std::array{1, 4, 16, 64}) {
      measure(**store, {in_flight, rows, time});
    }
  }
  return 0;
}

}  // namespace
}  // namespace longwire::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: storage_bench <empty directory> [seconds per line]\n");
    return 2;
  }
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 2;
  return longwire::bench::run(argv[1], std::chrono::seconds(seconds));
}
