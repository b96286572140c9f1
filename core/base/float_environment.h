// The floating-point environment that every result assumes: round to nearest, subnormals kept, no
// exception trapped. Processes and other libraries change it, for whole processes or one thread.
#pragma once

#include <cstdint>

namespace reprise {

// Sets that environment for the calling thread and puts the former one back at its end. Every
// native entry that computes, and every thread of our own, holds one. WebAssembly has no other
// environment.
class ScopedFloatEnvironment {
 public:
  ScopedFloatEnvironment();
  ~ScopedFloatEnvironment();
  ScopedFloatEnvironment(const ScopedFloatEnvironment&) = delete;
  ScopedFloatEnvironment& operator=(const ScopedFloatEnvironment&) = delete;

 private:
  [[maybe_unused]] uint64_t former_ = 0;
};

}  // namespace reprise
