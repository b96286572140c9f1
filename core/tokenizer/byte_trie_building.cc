// How a trie is built: what runs once for a set of texts.
#include <algorithm>

#include "tokenizer/byte_trie.h"

namespace reprise {

// Finds room for nodes.
class ByteTrie::Builder {
 public:
  explicit Builder(std::vector<Entry>& nodes) : nodes_(nodes) {
    AddBlock();
    Take(kRoot);
  }

  // Places the children of a node, whose bytes are given, and returns the base.
  Node Place(Node parent, const std::vector<unsigned char>& bytes) {
    const Node base = FindBase(bytes);
    nodes_[parent].base = base;
    for (const unsigned char byte : bytes) {
      Take(base ^ byte);
      nodes_[base ^ byte].parent = parent;
    }
    return base;
  }

 private:
  static constexpr Node kBlock = 256;
  static constexpr int kMostTries = 32;  // more would fill the array better and take longer

  // The places that are free are linked, in the order of when they came to be.
  struct Link {
    Node previous = kNone;
    Node next = kNone;
    bool is_free = true;
  };

  void AddBlock() {
    const auto start = static_cast<Node>(nodes_.size());
    nodes_.resize(start + kBlock);
    links_.resize(start + kBlock);
    for (Node node = start; node < start + kBlock; ++node) {
      links_[node].previous = last_;
      (last_ == kNone ? first_ : links_[last_].next) = node;
      last_ = node;
    }
  }
  void Take(Node node) {
    Link& link = links_[node];
    (link.previous == kNone ? first_ : links_[link.previous].next) = link.next;
    (link.next == kNone ? last_ : links_[link.next].previous) = link.previous;
    link.is_free = false;
  }

  Node FindBase(const std::vector<unsigned char>& bytes) {
    Node place = first_;
    for (int i = 0; i < kMostTries && place != kNone; ++i, place = links_[place].next) {
      const Node base = place ^ bytes[0];
      const auto is_free = [&](unsigned char byte) { return links_[base ^ byte].is_free; };
      if (std::ranges::all_of(bytes, is_free)) return base;
    }
    AddBlock();
    return static_cast<Node>(nodes_.size()) - kBlock;
  }

  std::vector<Entry>& nodes_;
  std::vector<Link> links_;
  Node first_ = kNone;
  Node last_ = kNone;
};

ByteTrie::ByteTrie(std::vector<NumberedText> texts) {
  Sort(texts);
  if (texts.empty() || texts.back().first.empty()) return;
  Builder builder(nodes_);
  // Level by level: the texts [begin, end) share the first `depth` bytes, which lead to `node`.
  struct Span {
    size_t begin;
    size_t end;
    Node node;
  };
  std::vector<Span> level = {{0, texts.size(), kRoot}};
  std::vector<unsigned char> bytes;
  for (size_t depth = 0; !level.empty(); ++depth) {
    std::vector<Span> deeper;
    for (auto [begin, end, node] : level) {
      for (; begin < end && texts[begin].first.size() == depth; ++begin) {
        if (depth > 0) nodes_[node].value = texts[begin].second;
      }
      if (begin == end) continue;
      bytes.clear();
      for (size_t i = begin; i < end; ++i) {
        const auto byte = static_cast<unsigned char>(texts[i].first[depth]);
        if (i == begin || byte != bytes.back()) {
          bytes.push_back(byte);
          deeper.push_back({i, i, kNone});
        }
        deeper.back().end = i + 1;
      }
      const Node base = builder.Place(node, bytes);
      for (size_t i = 0; i < bytes.size(); ++i) {
        deeper[deeper.size() - bytes.size() + i].node = base ^ bytes[i];
      }
    }
    level = std::move(deeper);
  }
}

}  // namespace reprise
