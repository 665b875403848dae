#pragma once

// What the server's process has used, read from /proc: CPU (user + system) and memory.

#include <cstdint>
#include <string>

namespace longwire::bench {

// Ends the program where the process is gone.
double cpu_seconds(int pid);
std::uint64_t private_bytes(int pid);  // anonymous resident memory: what connections cost

}  // namespace longwire::bench
