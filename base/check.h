#pragma once

// CHECK: our own invariants, on in release too. Never on anything a peer, a disk or an operator can
// cause: those are Errors (result.h). A failed CHECK prints the condition and place, then aborts.

#include <cstdio>
#include <cstdlib>

namespace longwire {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace longwire

#define CHECK(condition)                                        \
  do {                                                          \
    if (!(condition)) [[unlikely]]                              \
      ::longwire::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
