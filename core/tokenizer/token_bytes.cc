#include "tokenizer/token_bytes.h"

#include <bit>

#include "base/byte_hash.h"
#include "base/small_code.h"
#include "tokenizer/byte_alphabet.h"
#include "unicode/utf8.h"

namespace reprise {
bool TokenBytes::ToBytes(std::string_view token, std::string& bytes) {
  bytes.clear();
  for (size_t at = 0; at < token.size();) {
    const std::optional<char> byte = ByteOfAlphabet(ReadUtf8(token, at));
    if (!byte) return false;
    bytes.push_back(*byte);
  }
  return !bytes.empty();
}

REPRISE_SMALL std::unique_ptr<TokenBytes> TokenBytes::OfBytes(const Vocabulary& vocabulary,
                                                              const HashKey& key) {
  std::unique_ptr<TokenBytes> tokens(new TokenBytes(key));
  for (size_t byte = 0; byte < 256; ++byte) {
    std::string character;
    AppendUtf8(kByteAlphabet[byte], character);
    const std::optional<int32_t> id = vocabulary.Find(character);
    if (!id) return nullptr;
    tokens->of_byte_[byte] = *id;
  }
  return tokens;
}

REPRISE_SMALL void TokenBytes::Reserve(size_t count) {
  slots_.assign(std::bit_ceil(2 * count), Slot{});
  filter_ = HashFilter(slots_.size());
}

void TokenBytes::Add(std::string_view bytes, int32_t id) {
  const uint64_t hash = HashBytes(bytes, key_);
  filter_.Add(hash);
  size_t at = Home(hash);
  while (slots_[at].size != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(bytes_.size()),
                static_cast<uint32_t>(bytes.size()), id};
  bytes_ += bytes;
}

std::optional<int32_t> TokenBytes::Find(std::string_view bytes) const {
  const uint64_t hash = HashBytes(bytes, key_);
  if (!filter_.MayHave(hash)) return std::nullopt;
  for (size_t at = Home(hash); slots_[at].size != 0; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    const std::string_view there(bytes_.data() + slot.start, slot.size);
    if (slot.hash == static_cast<uint32_t>(hash >> 32) && EqualBytes(there, bytes)) return slot.id;
  }
  return std::nullopt;
}

}  // namespace reprise
