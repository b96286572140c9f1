// Finds which of a set of texts start at a place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/sort.h"

namespace reprise {

// A trie over bytes as a double array (Aoe 1989): a child lies where the exclusive or of its
// parent's base and its byte says. Immutable once built.
class ByteTrie {
 public:
  struct Match {
    size_t length;  // in bytes
    int32_t value;
  };

  ByteTrie() = default;
  // Of texts and their values (≥ 0). Empty texts are left out; of equal texts the one with the
  // largest value counts.
  explicit ByteTrie(std::vector<NumberedText> texts);

  bool empty() const { return nodes_.empty(); }

  using Node = uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr int32_t kNoValue = -1;
  // The node behind a byte, or nothing where no text goes on so.
  std::optional<Node> Child(Node node, char byte) const {
    if (empty()) return std::nullopt;
    const Node child = nodes_[node].base ^ static_cast<unsigned char>(byte);
    if (nodes_[child].parent != node) return std::nullopt;
    return child;
  }
  // The value of the text that ends at a node, or kNoValue.
  int32_t Value(Node node) const { return nodes_[node].value; }

  // The node behind a text, from another node on.
  std::optional<Node> Walk(Node from, std::string_view text) const;
  // The longest text at the start of `text`, from another node on.
  std::optional<Match> Longest(Node from, std::string_view text) const;

 private:
  static constexpr Node kNone = ~Node{0};
  struct Entry {
    Node base = 0;        // all of them that differ in the lowest byte lie within nodes_
    Node parent = kNone;  // kNone: no node is here, or the root
    int32_t value = kNoValue;
  };
  class Builder;

  std::vector<Entry> nodes_;
};

}  // namespace reprise
