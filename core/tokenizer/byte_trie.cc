#include "tokenizer/byte_trie.h"

namespace reprise {

std::optional<ByteTrie::Node> ByteTrie::Walk(Node from, std::string_view text) const {
  for (const char byte : text) {
    const std::optional<Node> child = Child(from, byte);
    if (!child) return std::nullopt;
    from = *child;
  }
  return from;
}

std::optional<ByteTrie::Match> ByteTrie::Longest(Node from, std::string_view text) const {
  std::optional<Match> longest;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::optional<Node> child = Child(from, text[i]);
    if (!child) break;
    from = *child;
    if (Value(from) != kNoValue) longest = Match{i + 1, Value(from)};
  }
  return longest;
}

}  // namespace reprise
