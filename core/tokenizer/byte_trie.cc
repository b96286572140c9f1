#include "tokenizer/byte_trie.h"

#include <algorithm>

namespace reprise {

ByteTrie::ByteTrie(std::vector<std::pair<std::string_view, int32_t>> texts) {
  std::sort(texts.begin(), texts.end());
  // Level by level: the texts [begin, end) share the first `depth` bytes, which lead to `node`.
  struct Span {
    size_t begin;
    size_t end;
    Node node;
  };
  std::vector<Span> level = {{0, texts.size(), kRoot}};
  for (size_t depth = 0; !level.empty(); ++depth) {
    std::vector<Span> deeper;
    for (auto [begin, end, node] : level) {
      for (; begin < end && texts[begin].first.size() == depth; ++begin) {
        if (depth > 0) nodes_[node].value = texts[begin].second;
      }
      nodes_[node].first = static_cast<uint32_t>(nodes_.size());
      while (begin < end) {
        const char label = texts[begin].first[depth];
        size_t next = begin;
        while (next < end && texts[next].first[depth] == label) ++next;
        deeper.push_back({begin, next, static_cast<Node>(nodes_.size())});
        nodes_.emplace_back().label = static_cast<unsigned char>(label);
        ++nodes_[node].count;
        begin = next;
      }
    }
    level = std::move(deeper);
  }
}

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
