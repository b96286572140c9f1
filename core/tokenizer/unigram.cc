#include "tokenizer/unigram.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/small_code.h"
#include "tokenizer/byte_tokens.h"
#include "unicode/utf8.h"

namespace reprise {

// best[i] is about the first i bytes.
Status UnigramModel::FindBest(std::string_view word, std::span<Best> best) const {
  // Whether it is taken.
  const auto offer = [&](size_t start, size_t length, int32_t id, double score) {
    Best& there = best[start + length];
    const double sum = score + best[start].score;
    if (there.start != kNone && sum <= there.score) return false;
    there = {sum, static_cast<int32_t>(start), id};
    return true;
  };
  for (size_t start = 0; start < word.size();) {
    const size_t character = Utf8Length(word[start]);
    bool has_character = false;
    std::optional<ByteTrie::Node> node = ByteTrie::kRoot;
    for (size_t at = start; at < word.size(); ++at) {
      node = trie_.Child(*node, word[at]);
      if (!node) break;
      const int32_t id = trie_.Value(*node);
      if (id == ByteTrie::kNoValue) continue;
      offer(start, at + 1 - start, id, scores_[static_cast<size_t>(id)]);
      if (at + 1 - start == character) has_character = true;
    }
    if (!has_character && offer(start, character, unk_id_.value_or(0), unk_score_) && !unk_id_) {
      return MissingUnk("unk_id", "missing", word.substr(start, character));
    }
    start += character;
  }
  return {};
}

// A run of unk tokens. It may be a token itself: one that is as bad as its parts.
Status UnigramModel::AppendRun(std::string_view run, GrowingArray<int32_t>& reversed) const {
  if (const std::optional<int32_t> id = vocabulary().Find(run)) {
    reversed.push_back(*id);
    return {};
  }
  const auto has_token = [&](char byte) {
    return byte_ids_[static_cast<unsigned char>(byte)] != kNone;
  };
  if (byte_fallback_ && std::all_of(run.begin(), run.end(), has_token)) {
    for (auto byte = run.rbegin(); byte != run.rend(); ++byte) {
      reversed.push_back(byte_ids_[static_cast<unsigned char>(*byte)]);
    }
    return {};
  }
  reversed.push_back(*unk_id_);
  return {};
}

Status UnigramModel::EncodeWord(std::string_view word, GrowingArray<int32_t>& ids,
                                GrowingArray<TextRange>* ranges) const {
  // Short words do without asking for memory.
  Best few[64];
  GrowingArray<Best> many;
  std::span<Best> best(few);
  if (word.size() >= best.size()) {
    many.resize(word.size() + 1);
    best = many;
    if (best.empty()) return MemoryWatch::Check();
  }
  REPRISE_TRY(FindBest(word, best));
  // From right to left, then turned around.
  const size_t first_id = ids.size(), first_range = ranges == nullptr ? 0 : ranges->size();
  for (size_t end = word.size(); end > 0;) {
    size_t start = static_cast<size_t>(best[end].start);
    if (best[end].id != unk_id_) {
      ids.push_back(best[end].id);
    } else {
      while (start > 0 && best[start].id == unk_id_) start = static_cast<size_t>(best[start].start);
      REPRISE_TRY(AppendRun(word.substr(start, end - start), ids));
    }
    if (ranges != nullptr) {
      ranges->resize(first_range + ids.size() - first_id,
                     {static_cast<uint32_t>(start), static_cast<uint32_t>(end)});
    }
    end = start;
  }
  std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(first_id), ids.end());
  if (ranges != nullptr) {
    std::reverse(ranges->begin() + static_cast<std::ptrdiff_t>(first_range), ranges->end());
  }
  return {};
}

Status UnigramModel::Encode(std::string_view word, GrowingArray<int32_t>& ids) const {
  return EncodeWord(word, ids, nullptr);
}

Status UnigramModel::EncodeWithRanges(std::string_view word, GrowingArray<int32_t>& ids,
                                      GrowingArray<TextRange>& ranges) const {
  return EncodeWord(word, ids, &ranges);
}

std::string_view UnigramModel::TokenText(int32_t id, std::string_view part) const {
  return id == unk_id_ ? part : Model::TokenText(id, part);
}

REPRISE_SMALL std::vector<int32_t> UnigramModel::byte_fallback_ids() const {
  return byte_fallback_ ? PresentByteTokens(byte_ids_, kNone) : std::vector<int32_t>();
}

}  // namespace reprise
