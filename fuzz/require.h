// What a fuzz target holds to be true; where it is not, the fuzzer keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace reprise::fuzz {

inline void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not true: %s\n", what);
  std::abort();
}

}  // namespace reprise::fuzz
