#include "tokenizer/character_symbols.h"

#include <algorithm>
#include <limits>
#include <map>

#include "unicode/utf8.h"

namespace reprise {
namespace {

constexpr bool IsTail(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// The first bytes of a token.
struct Start {
  static constexpr uint8_t kLong = 4;  // the size where there are more bytes than are held

  uint8_t size = 0;  // 0: nothing becomes the token
  uint8_t bytes[kLong - 1] = {};

  static Start Joined(Start left, const Start& right) {
    for (size_t i = 0; i < right.size && left.size < kLong; ++i) {
      if (left.size + 1 < kLong) left.bytes[left.size] = right.bytes[i];
      ++left.size;
    }
    return left;
  }

  // Of how many bytes a character is that begins like this.
  size_t character_size() const { return Utf8Length(static_cast<char>(bytes[0])); }
  bool is_head() const { return !IsTail(bytes[0]) && size < character_size() && size < kLong; }
  bool is_tail() const { return size < kLong && std::all_of(bytes, bytes + size, IsTail); }
  bool is_character() const {
    return size > 1 && size < kLong && !IsTail(bytes[0]) && size == character_size() &&
           std::all_of(bytes + 1, bytes + size, IsTail);
  }
  // All that is held, as a number.
  uint32_t key() const { return KeyOf(bytes, size); }
  static uint32_t KeyOf(const uint8_t* bytes, size_t size) {
    uint32_t key = 1;
    for (size_t i = 0; i < size; ++i) key = key << 8 | bytes[i];
    return key;
  }
};

// The lowest ranks of some merges, by the bytes of one side.
class LowestRanks {
 public:
  static constexpr size_t kNever = std::numeric_limits<size_t>::max();

  // In the order of ranks.
  void Add(uint32_t key, size_t rank) { ranks_.emplace(key, rank); }
  size_t Of(const uint8_t* bytes, size_t size) const {
    const auto found = ranks_.find(Start::KeyOf(bytes, size));
    return found == ranks_.end() ? kNever : found->second;
  }

 private:
  std::map<uint32_t, size_t> ranks_;
};

}  // namespace

class CharacterSymbols::Builder {
 public:
  Builder(std::span<const Merge> merges, const std::array<int32_t, 256>& byte_ids)
      : merges_(merges) {
    int32_t most = *std::ranges::max_element(byte_ids);
    for (const Merge& merge : merges) {
      most = std::max({most, merge.left, merge.right, merge.result});
    }
    starts_.resize(static_cast<size_t>(most) + 1);
    joined_at_.resize(starts_.size(), kNever);
    for (size_t byte = 0; byte < 256; ++byte) {
      StartOf(byte_ids[byte]) = {1, {static_cast<uint8_t>(byte)}};
    }
  }

  void Build(CharacterSymbols& symbols) {
    if (!FindStarts()) return;
    for (size_t rank = 0; rank < merges_.size(); ++rank) Take(rank);
    for (const size_t rank : characters_) Add(rank, symbols);
  }

 private:
  static constexpr size_t kNever = LowestRanks::kNever;

  Start& StartOf(int32_t id) { return starts_[static_cast<size_t>(id)]; }

  // A merge may join what comes about by later ones only: all are looked at until nothing is new,
  // or a few times. False where more would be needed.
  bool FindStarts() {
    for (int i = 0; i < 8; ++i) {
      bool is_new = false;
      for (const auto& [left, right, result] : merges_) {
        if (StartOf(result).size != 0 || StartOf(left).size == 0 || StartOf(right).size == 0) {
          continue;
        }
        StartOf(result) = Start::Joined(StartOf(left), StartOf(right));
        is_new = true;
      }
      if (!is_new) return true;
    }
    return false;
  }

  // Notes what a merge makes and where it joins a part of a character to something outside.
  void Take(size_t rank) {
    const auto& [left_id, right_id, result_id] = merges_[rank];
    for (const int32_t id : {left_id, right_id}) {
      size_t& joined_at = joined_at_[static_cast<size_t>(id)];
      joined_at = std::min(joined_at, rank);
    }
    const Start left = StartOf(left_id), right = StartOf(right_id), result = StartOf(result_id);
    if (left.size == 0 || right.size == 0) return;  // no text leads to it
    if (result.size == 2) pairs_.Add(result.key(), rank);
    if (result.is_character()) characters_.push_back(rank);
    const bool is_space = left.size == 1 && left.bytes[0] == ' ';
    if (right.is_head()) (is_space ? heads_behind_space_ : heads_).Add(right.key(), rank);
    if (left.is_tail() && !IsTail(right.bytes[0])) tails_.Add(left.key(), rank);
  }

  // Adds the character that a merge makes, where its bytes always come to that.
  void Add(size_t rank, CharacterSymbols& symbols) {
    const auto& [left_id, right_id, result_id] = merges_[rank];
    const auto& [size, bytes] = StartOf(result_id);
    // The parts that there are on the way, and the highest rank there.
    const size_t head = StartOf(left_id).size, tail = StartOf(right_id).size;
    size_t highest = rank;
    if (size == 3) {
      const size_t front = pairs_.Of(bytes, 2), back = pairs_.Of(bytes + 1, 2);
      if ((head == 2) != (front < back)) return;  // it comes about otherwise
      highest = std::max(rank, std::min(front, back));
    }
    if (joined_at_[static_cast<size_t>(result_id)] < highest) return;
    const auto joins_before = [&](const LowestRanks& heads) {
      return heads.Of(bytes, 1) < highest || heads.Of(bytes, head) < highest;
    };
    const uint8_t* const end = bytes + size;
    const bool joins_behind =
        tails_.Of(end - 1, 1) < highest || tails_.Of(end - tail, tail) < highest;
    if (joins_before(heads_) || joins_behind) return;
    const uint32_t entry = static_cast<uint32_t>(result_id) << 2 | kThere |
                           (joins_before(heads_behind_space_) ? kNotBehindSpace : 0);
    const size_t place = PlaceOfTwo(bytes[0], bytes[1]);
    if (size == 2) {
      symbols.of_two_[place] = entry;
      return;
    }
    uint16_t& row = symbols.row_of_[place % symbols.row_of_.size()];
    if (row == 0) {
      row = static_cast<uint16_t>(symbols.of_three_.size());
      symbols.of_three_.emplace_back();
    }
    symbols.of_three_[row][bytes[2] % kRow] = entry;
  }

  std::span<const Merge> merges_;
  std::vector<Start> starts_;      // by id
  std::vector<size_t> joined_at_;  // by id: the lowest rank that joins it to something
  std::vector<size_t> characters_;
  LowestRanks pairs_;               // of two bytes
  LowestRanks heads_;               // of the first bytes of a character to what stands before it
  LowestRanks heads_behind_space_;  // the same, to a space
  LowestRanks tails_;               // of the last bytes of a character to what stands behind it
};

CharacterSymbols::CharacterSymbols(std::span<const Merge> merges,
                                   const std::array<int32_t, 256>& byte_ids) {
  Builder(merges, byte_ids).Build(*this);
}

}  // namespace reprise
