// How many commits and rows a second the HBase store takes, through one gateway.
//
//   hbase_bench <host:port> [seconds per line]
//
// It makes tables of its own and removes them. Rows are derived meanwhile: a line that would outrun
// them is refused and ends the program.

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/encoding.h"
#include "base/random.h"
#include "storage/hbase/hbase_store.h"
#include "tests/bench/storage/commit_lines.h"

namespace longwire::bench {
namespace {

int run(const std::string& gateway, std::chrono::milliseconds time) {
  storage::hbase::Options options;
  options.gateways = {gateway};
  options.table_prefix = "bench-" + hex_encode(system_random().bytes(6));
  options.create_with.emplace();
  auto store = storage::hbase::open_store(options, system_clock(), null_log(), unseen_metrics());
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.error().message.c_str());
    return 1;
  }
  print_heading();
  for (const int rows : std::array{1, 32}) {
    for (const int in_flight : std::array{1, 4, 16}) measure(**store, {in_flight, rows, time});
  }
  store->reset();
  return storage::hbase::remove_storage(options, system_clock(), null_log()).ok() ? 0 : 1;
}

}  // namespace
}  // namespace longwire::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: hbase_bench <host:port> [seconds per line]\n");
    return 2;
  }
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 5;
  return longwire::bench::run(argv[1], std::chrono::seconds(seconds));
}
