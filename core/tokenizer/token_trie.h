// Finds the longest of a set of texts at a place.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace reprise {

// A trie over bytes whose leaves are ids.
class TokenTrie {
 public:
  struct Match {
    size_t length;  // in bytes
    int32_t id;
  };

  // A text that is there already keeps its first id. Empty texts are not held.
  void Add(std::string_view text, int32_t id);
  bool empty() const { return nodes_.size() == 1; }

  // The next place from `from` on where one of the texts starts, and the longest that does.
  // Nothing where there is none.
  std::optional<Match> FindNext(std::string_view text, size_t from, size_t& start) const;

 private:
  struct Node {
    std::map<char, uint32_t> children;
    std::optional<int32_t> id;
  };
  std::optional<Match> LongestAt(std::string_view text) const;

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::bitset<256> first_bytes_;
};

}  // namespace reprise
