#include "base/float_environment.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace reprise {
namespace {

#if defined(__x86_64__)
// MXCSR: all exceptions masked (bits 7-12), round to nearest, neither flush-to-zero (15) nor
// denormals-are-zero (6).
constexpr uint64_t kState = 0x1f80;
uint64_t Get() { return _mm_getcsr(); }
void Set(uint64_t state) { _mm_setcsr(static_cast<uint32_t>(state)); }
#elif defined(__aarch64__)
// FPCR: 0 is round to nearest, no flush-to-zero (24, 19), no default NaN, no traps.
constexpr uint64_t kState = 0;
uint64_t Get() {
  uint64_t state;
  asm volatile("mrs %0, fpcr" : "=r"(state));
  return state;
}
void Set(uint64_t state) { asm volatile("msr fpcr, %0" : : "r"(state)); }
#else
constexpr uint64_t kState = 0;
uint64_t Get() { return kState; }
void Set(uint64_t) {}
#endif

}  // namespace

ScopedFloatEnvironment::ScopedFloatEnvironment() : former_(Get()) { Set(kState); }

ScopedFloatEnvironment::~ScopedFloatEnvironment() { Set(former_); }

}  // namespace reprise
