#include "hash/sha256.h"

#include <algorithm>
#include <bit>

#include "base/status.h"
#include "hash/sha256_rounds.h"

namespace reprise {
namespace {

uint32_t LoadBigEndian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

// One round. The new a and e take the places of h and d, so that no word moves: the next round has
// the words one place further.
inline void Round(uint32_t a, uint32_t b, uint32_t c, uint32_t& d, uint32_t e, uint32_t f,
                  uint32_t g, uint32_t& h, uint32_t constant_and_word) {
  const uint32_t big_s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
  const uint32_t choose = g ^ (e & (f ^ g));
  const uint32_t t1 = h + big_s1 + choose + constant_and_word;
  const uint32_t big_s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
  const uint32_t majority = (a & b) | (c & (a | b));
  d += t1;
  h = t1 + big_s0 + majority;
}

// The message schedule keeps its last 16 words: word t lies at t % 16.
void ExtendSchedule(uint32_t (&w)[16]) {
  for (size_t i = 0; i < 16; ++i) {
    const uint32_t before_15 = w[(i + 1) % 16], before_2 = w[(i + 14) % 16];
    const uint32_t s0 = std::rotr(before_15, 7) ^ std::rotr(before_15, 18) ^ (before_15 >> 3);
    const uint32_t s1 = std::rotr(before_2, 17) ^ std::rotr(before_2, 19) ^ (before_2 >> 10);
    w[i] += s0 + w[(i + 9) % 16] + s1;
  }
}

void CompressPortable(std::array<uint32_t, 8>& state, const uint8_t* blocks, size_t count) {
  for (; count > 0; --count, blocks += 64) {
    uint32_t w[16];
    for (int t = 0; t < 16; ++t) w[t] = LoadBigEndian(blocks + 4 * t);
    auto [a, b, c, d, e, f, g, h] = state;
    for (size_t t = 0; t < 64; t += 8) {
      if (t > 0 && t % 16 == 0) ExtendSchedule(w);
      const uint32_t* const k = kSha256RoundConstants.data() + t;
      const uint32_t* const word = w + t % 16;
      Round(a, b, c, d, e, f, g, h, k[0] + word[0]);
      Round(h, a, b, c, d, e, f, g, k[1] + word[1]);
      Round(g, h, a, b, c, d, e, f, k[2] + word[2]);
      Round(f, g, h, a, b, c, d, e, k[3] + word[3]);
      Round(e, f, g, h, a, b, c, d, k[4] + word[4]);
      Round(d, e, f, g, h, a, b, c, k[5] + word[5]);
      Round(c, d, e, f, g, h, a, b, k[6] + word[6]);
      Round(b, c, d, e, f, g, h, a, k[7] + word[7]);
    }
    const uint32_t worked[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; ++i) state[i] += worked[i];
  }
}

}  // namespace

std::span<const Sha256Engine> AvailableSha256Engines() {
  static constexpr Sha256Engine kEngines[] = {Sha256Engine::kPortable, Sha256Engine::kX86};
  static const size_t count = HasSha256X86() ? 2 : 1;
  return std::span(kEngines).first(count);
}

Sha256::Sha256(Sha256Engine engine) : compress_(CompressPortable) {
  const auto available = AvailableSha256Engines();
  REPRISE_CHECK(std::find(available.begin(), available.end(), engine) != available.end(),
                "an engine that this machine lacks");
  if (engine == Sha256Engine::kX86) compress_ = CompressSha256X86;
}

void Sha256::Update(std::span<const uint8_t> bytes) {
  size_t held = size_bytes_ % 64;
  size_bytes_ += bytes.size();
  if (held > 0) {
    const size_t taken = std::min(bytes.size(), 64 - held);
    std::copy_n(bytes.begin(), taken, pending_.begin() + held);
    bytes = bytes.subspan(taken);
    held += taken;
    if (held < 64) return;
    compress_(state_, pending_.data(), 1);
  }
  // In slices: a WebAssembly engine runs its first, slow code of a function until the call returns,
  // and V8 exchanges it between two calls.
  constexpr size_t kSliceBlocks = 256;
  while (bytes.size() >= 64) {
    const size_t blocks = std::min(bytes.size() / 64, kSliceBlocks);
    compress_(state_, bytes.data(), blocks);
    bytes = bytes.subspan(64 * blocks);
  }
  std::copy(bytes.begin(), bytes.end(), pending_.begin());
}

Sha256Digest Sha256::Finish() {
  const uint64_t size_bits = size_bytes_ * 8;
  // 0x80, then zeros until 8 bytes of a block are left for the length.
  uint8_t tail[72] = {0x80};
  const size_t held = size_bytes_ % 64;
  const size_t zeros_end = held < 56 ? 56 - held : 120 - held;
  for (int i = 0; i < 8; ++i) tail[zeros_end + i] = static_cast<uint8_t>(size_bits >> (56 - 8 * i));
  Update({tail, zeros_end + 8});
  Sha256Digest digest;
  for (int i = 0; i < 32; ++i) {
    digest[i] = static_cast<uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

std::string ToHex(const Sha256Digest& digest) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : digest) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace reprise
