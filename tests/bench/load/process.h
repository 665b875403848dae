#pragma once

// What the server's processes have used, read from /proc: CPU (user + system) and memory.

#include <cstdint>
#include <string>
#include <vector>

namespace longwire::bench {

// Of all of them. Ends the program where a process is gone.
double cpu_seconds(const std::vector<int>& pids);
// Anonymous resident memory: what connections cost.
std::uint64_t private_bytes(const std::vector<int>& pids);

}  // namespace longwire::bench
