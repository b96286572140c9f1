// SHA-256 (FIPS 180-4), incremental.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace reprise {

using Sha256Digest = std::array<uint8_t, 32>;

// What works the blocks; the digests are the same.
enum class Sha256Engine : uint8_t {
  kPortable,
  kX86,  // the instructions of SHA-NI
};

// The engines that this build has and this machine can run, the fastest last; never empty.
std::span<const Sha256Engine> AvailableSha256Engines();

// Hashes bytes that arrive in pieces of any size. After Finish the object must not be used again.
class Sha256 {
 public:
  Sha256() : Sha256(AvailableSha256Engines().back()) {}
  // Traps where the engine is not available.
  explicit Sha256(Sha256Engine engine);

  void Update(std::span<const uint8_t> bytes);
  Sha256Digest Finish();

 private:
  // Works so many blocks of 64 bytes into the state.
  using Compress = void(std::array<uint32_t, 8>& state, const uint8_t* blocks, size_t count);

  Compress* compress_;
  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> pending_ = {};
  uint64_t size_bytes_ = 0;
};

// 64 lower-case hexadecimal digits, as sha256sum prints them.
std::string ToHex(const Sha256Digest& digest);

}  // namespace reprise
