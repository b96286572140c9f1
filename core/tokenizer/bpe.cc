#include "tokenizer/bpe.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/fill_in.h"
#include "base/small_code.h"
#include "tokenizer/byte_tokens.h"
#include "unicode/utf8.h"

namespace reprise {

void BpeModel::SplitFurther(PreTokenizedText& words) const {
  if (borders_) borders_->Split(words);
}

std::optional<int32_t> BpeModel::CharacterId(char32_t c, std::string_view text) const {
  if (c >= low_character_ids_.size()) return vocabulary().Find(text);
  if (low_character_ids_[c] == kNone) return std::nullopt;
  return low_character_ids_[c];
}

bool BpeModel::AppendBytes(std::string_view character, GrowingArray<int32_t>& symbols) const {
  for (const char byte : character) {
    if (byte_ids_[static_cast<unsigned char>(byte)] == kNone) return false;
  }
  for (const char byte : character) {
    symbols.push_back(byte_ids_[static_cast<unsigned char>(byte)]);
  }
  return true;
}

// The character as the vocabulary has it at its place in a word.
std::string_view BpeModel::WithAffixes(std::string_view character, bool is_first, bool is_last,
                                       std::string& storage) const {
  const bool has_prefix = !is_first && !prefix_.empty();
  const bool has_suffix = is_last && !suffix_.empty();
  if (!has_prefix && !has_suffix) return character;
  storage.clear();
  if (has_prefix) storage += prefix_;
  storage += character;
  if (has_suffix) storage += suffix_;
  return storage;
}

Status BpeModel::AppendSymbols(std::string_view word, GrowingArray<int32_t>& symbols,
                               GrowingArray<uint32_t>* lengths) const {
  const auto give_lengths = [&](size_t length) {
    if (lengths != nullptr) lengths->resize(symbols.size(), static_cast<uint32_t>(length));
  };
  // The unk token is written once its run has ended. Characters written as bytes do not end a run:
  // they come before its token (the reference library does the same).
  size_t unk_length = 0;  // of the run; 0 where none is under way
  const auto end_run = [&] {
    if (unk_length == 0) return;
    symbols.push_back(*unk_id_);
    give_lengths(unk_length);
    unk_length = 0;
  };
  std::string storage;
  for (size_t at = 0; at < word.size();) {
    const size_t start = at;
    const char32_t c = ReadUtf8(word, at);
    const std::string_view plain = word.substr(start, at - start);
    const std::string_view character = WithAffixes(plain, start == 0, at == word.size(), storage);
    const bool is_plain = character.size() == plain.size();
    const std::optional<int32_t> id =
        is_plain ? CharacterId(c, character) : vocabulary().Find(character);
    if (id) {
      end_run();
      symbols.push_back(*id);
      give_lengths(plain.size());
      continue;
    }
    if (byte_fallback_ && AppendBytes(character, symbols)) {
      give_lengths(1);
      continue;
    }
    if (!unk_token_) continue;
    if (!unk_id_) {
      return MissingUnk("unk_token", FillIn("\"{}\" is not in the vocabulary", {*unk_token_}),
                        character);
    }
    if (!fuse_unk_) end_run();
    unk_length += plain.size();
  }
  end_run();
  return {};
}

Status BpeModel::Encode(std::string_view word, GrowingArray<int32_t>& ids) const {
  if (token_bytes_) {
    if (const std::optional<int32_t> id = token_bytes_->Find(word)) {
      ids.push_back(*id);
    } else {
      merges_.JoinBytes(word, ids);
    }
    return {};
  }
  if (ignore_merges_) {
    if (const std::optional<int32_t> id = vocabulary().Find(word)) {
      ids.push_back(*id);
      return {};
    }
  }
  const size_t first = ids.size();
  REPRISE_TRY(AppendSymbols(word, ids, nullptr));
  merges_.Join(ids, first);
  return {};
}

// A token's text is that of the symbols that joined, less the prefix of all but the first: that
// tells how many did.
REPRISE_SMALL Status BpeModel::EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                                                GrowingArray<TextRange>& ranges) const {
  const size_t before = ids.size();
  REPRISE_TRY(Encode(word, ids));
  const std::span<const int32_t> tokens = std::span(ids).subspan(before);
  if (ignore_merges_ && tokens.size() == 1 && vocabulary().Token(tokens[0]) == word) {
    ranges.push_back({0, static_cast<uint32_t>(word.size())});
    return {};
  }
  if (token_bytes_) {
    uint32_t byte = 0;
    for (const int32_t token : tokens) {
      const uint32_t start = byte;
      byte += static_cast<uint32_t>(Utf16Length(*vocabulary().Token(token)));
      ranges.push_back({start, byte});
    }
    return {};
  }
  GrowingArray<int32_t> symbols;
  GrowingArray<uint32_t> lengths;
  REPRISE_TRY(AppendSymbols(word, symbols, &lengths));
  REPRISE_TRY(MemoryWatch::Check());
  const auto text_size = [&](int32_t id) { return vocabulary().Token(id)->size(); };
  size_t next = 0;
  uint32_t end = 0;
  for (const int32_t token : tokens) {
    const uint32_t start = end;
    size_t text = text_size(symbols[next]);
    end += lengths[next++];
    while (text < text_size(token)) {
      text += text_size(symbols[next]) - prefix_.size();
      end += lengths[next++];
    }
    ranges.push_back({start, end});
  }
  return {};
}

REPRISE_SMALL std::vector<int32_t> BpeModel::byte_fallback_ids() const {
  return byte_fallback_ ? PresentByteTokens(byte_ids_, kNone) : std::vector<int32_t>();
}

}  // namespace reprise
