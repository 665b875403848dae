#pragma once

// Options: what there is to say about ZooKeeper, with its key in the configuration.

#include <chrono>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace longwire::storage::zookeeper {

struct Options {
  std::vector<std::string> servers;  // of one ensemble, "host:port" each; empty: there is none
  std::string path = "/longwire";    // everything of this cluster lies below; made where missing
  // How long a member that says nothing still counts. The servers may hold it to bounds of theirs,
  // and round it up to their ticks. Well below the time for which calls wait for a partition's next
  // owner (10 s), so that a node's death costs them time and no refusal.
  std::chrono::milliseconds session_timeout{5'000};
};
void declare_config(ConfigSchema& schema, Options& options);

// kInvalidArgument, with the key: these cannot work.
Status check(const Options& options);

}  // namespace longwire::storage::zookeeper
