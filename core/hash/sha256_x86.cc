// SHA-256's rounds by SHA-NI (Intel 64 and IA-32 Architectures Software Developer's Manual, volume
// 2, SHA256RNDS2, SHA256MSG1 and SHA256MSG2). The instructions are allowed in one function, so that
// nothing of them gets into code that other machines run.
#include "base/status.h"
#include "hash/sha256_rounds.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace reprise {

#if defined(__x86_64__)

bool HasSha256X86() {
  return __builtin_cpu_supports("sha") && __builtin_cpu_supports("ssse3") &&
         __builtin_cpu_supports("sse4.1");
}

// The state lies in two vectors, from the highest word down: a b e f and c d g h. Two rounds turn
// the one into the other.
__attribute__((target("sha,ssse3,sse4.1"))) void CompressSha256X86(std::array<uint32_t, 8>& state,
                                                                   const uint8_t* blocks,
                                                                   size_t count) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const auto [a, b, c, d, e, f, g, h] = state;
  __m128i abef = _mm_set_epi32(static_cast<int>(a), static_cast<int>(b), static_cast<int>(e),
                               static_cast<int>(f));
  __m128i cdgh = _mm_set_epi32(static_cast<int>(c), static_cast<int>(d), static_cast<int>(g),
                               static_cast<int>(h));
  for (; count > 0; --count, blocks += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    // Four words a vector; the words of rounds 4i to 4i + 3 lie in w[i % 4].
    __m128i w[4];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      __m128i& now = w[i % 4];
      if (i < 4) {
        now = _mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks + 16 * i));
        now = _mm_shuffle_epi8(now, big_endian);
      } else {
        const __m128i before_1 = w[(i + 3) % 4], before_2 = w[(i + 2) % 4];
        now = _mm_sha256msg1_epu32(now, w[(i + 1) % 4]);
        now = _mm_add_epi32(now, _mm_alignr_epi8(before_1, before_2, 4));
        now = _mm_sha256msg2_epu32(now, before_1);
      }
      const auto* k = reinterpret_cast<const __m128i*>(kSha256RoundConstants.data() + 4 * i);
      const __m128i sum = _mm_add_epi32(now, _mm_load_si128(k));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  alignas(16) uint32_t halves[8];
  _mm_store_si128(reinterpret_cast<__m128i*>(halves), abef);
  _mm_store_si128(reinterpret_cast<__m128i*>(halves + 4), cdgh);
  state = {halves[3], halves[2], halves[7], halves[6], halves[1], halves[0], halves[5], halves[4]};
}

#else

bool HasSha256X86() { return false; }

void CompressSha256X86(std::array<uint32_t, 8>&, const uint8_t*, size_t) {
  REPRISE_CHECK(false, "no such instructions");
}

#endif

}  // namespace reprise
