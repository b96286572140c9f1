#include "run/file_hashes.h"

#include <algorithm>
#include <utility>

namespace reprise {

void FileHasher::Update(std::span<const uint8_t> bytes) {
  hashes_.bytes += static_cast<int64_t>(bytes.size());
  if (parts_ != HashParts::kChunks) whole_.Update(bytes);
  if (parts_ == HashParts::kWhole) return;
  while (!bytes.empty()) {
    const auto room = static_cast<size_t>(kHashChunkBytes - chunk_bytes_);
    const std::span<const uint8_t> piece = bytes.first(std::min(room, bytes.size()));
    chunk_.Update(piece);
    chunk_bytes_ += static_cast<int64_t>(piece.size());
    if (chunk_bytes_ == kHashChunkBytes) EndChunk();
    bytes = bytes.subspan(piece.size());
  }
}

void FileHasher::EndChunk() {
  hashes_.chunks.push_back(ToHex(std::exchange(chunk_, Sha256()).Finish()));
  chunk_bytes_ = 0;
}

FileHashes FileHasher::Finish() {
  if (chunk_bytes_ > 0) EndChunk();
  if (parts_ != HashParts::kChunks || hashes_.chunks.empty()) {
    hashes_.sha256 = ToHex(whole_.Finish());
  } else if (hashes_.chunks.size() == 1) {
    hashes_.sha256 = hashes_.chunks[0];
  }
  return std::move(hashes_);
}

}  // namespace reprise
