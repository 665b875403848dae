// longwire_sim --seeds N [--seed S] [--planted NAME] [--verbose] [--log]: see README.md.
// longwire_sim --prove --seeds N: every planted fault must be found within N seeds.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/sim/sim_run.h"

namespace {

using longwire::sim::Planted;

struct Options {
  std::uint64_t seeds = 200;
  std::uint64_t first = 1;
  Planted planted = Planted::kNothing;
  std::string planted_name;
  bool verbose = false;
  bool prove = false;
  bool log = false;
};

const std::map<std::string, Planted>& planted_names() {
  static const std::map<std::string, Planted> names = {
      {"commit-ignores-position", Planted::kCommitIgnoresPosition},
      {"cursor-may-fall", Planted::kCursorMayFall},
      {"number-used-twice", Planted::kNumberUsedTwice},
      {"lane-item-taken-twice", Planted::kLaneItemTakenTwice},
      {"catch-up-lost", Planted::kCatchUpLost},
      {"seal-ignored", Planted::kSealIgnored},
      {"late-calls-count", Planted::kLateCallsCount},
      {"repeats-not-marked", Planted::kRepeatsNotMarked},
      {"claims-lost", Planted::kClaimsLost},
      {"claims-backwards", Planted::kClaimsBackwards},
      {"sessions-not-told", Planted::kSessionsNotTold},
      {"cluster-commit-ignores-position", Planted::kCommitIgnoresPositionInCluster},
  };
  return names;
}

bool parse(int argc, char** argv, Options& options) {
  const std::map<std::string, bool Options::*> flags = {
      {"--verbose", &Options::verbose}, {"--prove", &Options::prove}, {"--log", &Options::log}};
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flags.contains(flag)) {
      options.*flags.at(flag) = true;
      continue;
    }
    if (i + 1 >= argc) return false;
    const std::string value = argv[++i];
    if (flag == "--seeds") {
      options.seeds = std::strtoull(value.c_str(), nullptr, 10);
    } else if (flag == "--seed") {
      options.first = std::strtoull(value.c_str(), nullptr, 10);
    } else if (flag == "--planted" && planted_names().contains(value)) {
      options.planted = planted_names().at(value);
      options.planted_name = value;
    } else {
      return false;
    }
  }
  return true;
}

int run(const Options& options) {
  std::uint64_t events = 0;
  std::uint64_t sends = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t crashes = 0;
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    const std::uint64_t seed = options.first + i;
    const longwire::sim::SimResult result =
        longwire::sim::run_sim(seed, options.planted, options.log);
    events += result.events;
    sends += result.sends;
    deliveries += result.deliveries;
    crashes += result.crashes;
    if (options.verbose) {
      std::printf("seed %llu: %llu events, %llu sends, %llu deliveries, %llu crashes %s\n",
                  static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(result.events),
                  static_cast<unsigned long long>(result.sends),
                  static_cast<unsigned long long>(result.deliveries),
                  static_cast<unsigned long long>(result.crashes), result.failure.c_str());
    }
    if (result.failure.empty()) continue;
    const std::string planted =
        options.planted_name.empty() ? "" : " --planted " + options.planted_name;
    std::printf("seed %llu: %s\nagain: longwire_sim --seeds 1 --seed %llu%s --log\n",
                static_cast<unsigned long long>(seed), result.failure.c_str(),
                static_cast<unsigned long long>(seed), planted.c_str());
    return 1;
  }
  std::printf("%llu seeds hold: %llu events, %llu sends, %llu deliveries, %llu crashes\n",
              static_cast<unsigned long long>(options.seeds),
              static_cast<unsigned long long>(events), static_cast<unsigned long long>(sends),
              static_cast<unsigned long long>(deliveries),
              static_cast<unsigned long long>(crashes));
  return 0;
}

// Answers how many planted faults were not found.
int prove(const Options& options) {
  int missed = 0;
  for (const auto& [name, planted] : planted_names()) {
    if (planted == Planted::kSessionsNotTold) continue;  // no promise checked here rests on it
    std::uint64_t seed = options.first;
    std::string failure;
    for (; failure.empty() && seed < options.first + options.seeds; ++seed) {
      failure = longwire::sim::run_sim(seed, planted).failure;
    }
    missed += failure.empty() ? 1 : 0;
    std::printf("%s: %s after %llu seeds %s\n", name.c_str(),
                failure.empty() ? "NOT FOUND" : "found",
                static_cast<unsigned long long>(seed - options.first), failure.c_str());
  }
  return missed;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: longwire_sim [--seeds N] [--seed S] [--verbose] [--log] [--planted NAME | "
                 "--prove]\n");
    for (const auto& [name, planted] : planted_names())
      std::fprintf(stderr, "  %s\n", name.c_str());
    return 2;
  }
  return options.prove ? prove(options) : run(options);
}
