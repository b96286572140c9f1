#include "tokenizer/mark_borders.h"

#include <algorithm>
#include <utility>

#include "base/small_code.h"
#include "tokenizer/word_splitting.h"

namespace reprise {
namespace {

constexpr std::string_view kMark = "▁";
constexpr size_t kMostJoined = 8;

// The last character of valid UTF-8 that is not empty.
std::string_view LastCharacter(std::string_view text) {
  size_t start = text.size() - 1;
  while ((static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
  return text.substr(start);
}

}  // namespace

REPRISE_SMALL std::unique_ptr<MarkBorders> MarkBorders::Of(const Vocabulary& vocabulary,
                                                           std::string_view unk_token) {
  if (!vocabulary.Find(kMark)) return nullptr;
  auto borders = std::make_unique<MarkBorders>();
  for (const auto& [text, id] : vocabulary.Texts()) {
    for (size_t at = text.find(kMark, 1); at != std::string_view::npos;
         at = text.find(kMark, at + kMark.size())) {
      const std::string_view before = text.substr(0, at);
      const bool is_symbol =
          EndsWithByteToken(before) || (!unk_token.empty() && before.ends_with(unk_token));
      if (is_symbol) return nullptr;
      std::string character(LastCharacter(before));
      if (std::ranges::find(borders->joined_, character) != borders->joined_.end()) continue;
      if (borders->joined_.size() == kMostJoined) return nullptr;
      borders->joined_.push_back(std::move(character));
    }
  }
  return borders;
}

bool MarkBorders::IsBorder(std::string_view before) const {
  return std::ranges::none_of(
      joined_, [&](const std::string& character) { return before.ends_with(character); });
}

void MarkBorders::Split(PreTokenizedText& words) const {
  SplitWords(words, SplitBehavior::kIsolated, /*inverts=*/false,
             [&](std::string_view word, const auto& visit) {
               size_t start = 0;
               for (size_t at = word.find(kMark, 1); at != std::string_view::npos;
                    at = word.find(kMark, at + kMark.size())) {
                 if (!IsBorder(word.substr(0, at))) continue;
                 visit(start, at);
                 start = at;
               }
               visit(start, word.size());
             });
}

}  // namespace reprise
