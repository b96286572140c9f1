// Hashes of a file, whole and by chunk, as its bytes stream by.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hash/sha256.h"

namespace reprise {

// Bytes of a chunk; a file's last one may be shorter, and an empty file has none.
inline constexpr int64_t kHashChunkBytes = 8 << 20;

struct FileHashes {
  int64_t bytes = 0;
  std::string sha256;               // of the whole, 64 hexadecimal digits
  std::vector<std::string> chunks;  // by chunk, likewise
};

// What is hashed: each costs as much as the other.
enum class HashParts : uint8_t {
  kBoth,
  kWhole,   // no chunks
  kChunks,  // no hash of a whole that has more than one chunk
};

// Takes bytes in pieces of any size. After Finish it must not be used again.
class FileHasher {
 public:
  explicit FileHasher(HashParts parts) : parts_(parts) {}
  void Update(std::span<const uint8_t> bytes);
  FileHashes Finish();

 private:
  void EndChunk();

  HashParts parts_;
  Sha256 whole_, chunk_;
  int64_t chunk_bytes_ = 0;
  FileHashes hashes_;
};

}  // namespace reprise
