#include "tokenizer/token_trie.h"

namespace reprise {

void TokenTrie::Add(std::string_view text, int32_t id) {
  if (text.empty()) return;
  first_bytes_.set(static_cast<unsigned char>(text[0]));
  uint32_t at = 0;
  for (const char byte : text) {
    const auto [child, is_new] =
        nodes_[at].children.try_emplace(byte, static_cast<uint32_t>(nodes_.size()));
    at = child->second;
    if (is_new) nodes_.emplace_back();
  }
  if (!nodes_[at].id) nodes_[at].id = id;
}

std::optional<TokenTrie::Match> TokenTrie::LongestAt(std::string_view text) const {
  std::optional<Match> longest;
  uint32_t at = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto child = nodes_[at].children.find(text[i]);
    if (child == nodes_[at].children.end()) break;
    at = child->second;
    if (nodes_[at].id) longest = Match{i + 1, *nodes_[at].id};
  }
  return longest;
}

std::optional<TokenTrie::Match> TokenTrie::FindNext(std::string_view text, size_t from,
                                                    size_t& start) const {
  if (empty()) return std::nullopt;
  for (size_t at = from; at < text.size(); ++at) {
    if (!first_bytes_[static_cast<unsigned char>(text[at])]) continue;
    if (const std::optional<Match> match = LongestAt(text.substr(at))) {
      start = at;
      return match;
    }
  }
  return std::nullopt;
}

}  // namespace reprise
