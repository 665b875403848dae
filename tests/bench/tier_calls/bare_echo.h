#pragma once

// What the machine itself takes: 64 bytes to another process and back over one loopback connection,
// by epoll and nothing else, one at a time.

#include <chrono>
#include <vector>

namespace longwire::bench {

// How long each took.
std::vector<std::chrono::nanoseconds> echo_bare(std::chrono::seconds duration);

}  // namespace longwire::bench
