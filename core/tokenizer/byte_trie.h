// Finds which of a set of texts start at a place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise {

// A trie over bytes; the children of a node lie side by side. Immutable once built.
class ByteTrie {
 public:
  struct Match {
    size_t length;  // in bytes
    int32_t value;
  };

  ByteTrie() = default;
  // Of texts and their values (≥ 0). Empty texts are left out; of equal texts the one with the
  // largest value counts.
  explicit ByteTrie(std::vector<std::pair<std::string_view, int32_t>> texts);

  bool empty() const { return nodes_.empty() || nodes_[kRoot].count == 0; }

  using Node = uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr int32_t kNoValue = -1;
  // The node behind a byte, or nothing where no text goes on so.
  std::optional<Node> Child(Node node, char byte) const {
    const Entry& entry = nodes_[node];
    uint32_t low = entry.first;
    uint32_t high = low + entry.count;
    const auto label = static_cast<unsigned char>(byte);
    while (low < high) {
      const uint32_t middle = (low + high) / 2;
      if (nodes_[middle].label < label) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == entry.first + entry.count || nodes_[low].label != label) return std::nullopt;
    return low;
  }
  // The value of the text that ends at a node, or kNoValue.
  int32_t Value(Node node) const { return nodes_[node].value; }

  // The node behind a text, from another node on.
  std::optional<Node> Walk(Node from, std::string_view text) const;
  // The longest text at the start of `text`, from another node on.
  std::optional<Match> Longest(Node from, std::string_view text) const;

 private:
  struct Entry {
    uint32_t first = 0;  // of the children
    uint16_t count = 0;
    uint8_t label = 0;
    int32_t value = kNoValue;
  };

  std::vector<Entry> nodes_ = std::vector<Entry>(1);
};

}  // namespace reprise
