// SentencePiece's normalisation rules as its models hold them: a double-array trie (Aoe 1989, in
// the layout of the library Darts-clone) from texts to their replacements.
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/small_code.h"
#include "tokenizer/normalizer.h"
#include "unicode/grapheme.h"

namespace reprise {
namespace {

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int held = 0;
  size_t padding = 0;
  for (const char c : text) {
    uint32_t digit;
    if (c >= 'A' && c <= 'Z') {
      digit = static_cast<uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      digit = static_cast<uint32_t>(c - 'a' + 26);
    } else if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0' + 52);
    } else if (c == '+' || c == '/') {
      digit = c == '+' ? 62 : 63;
    } else if (c == '=') {
      ++padding;
      continue;
    } else {
      return std::nullopt;
    }
    if (padding > 0) return std::nullopt;
    bits = (bits << 6 | digit) & 0xFFFF;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>(bits >> held & 0xFF));
  }
  if (text.size() % 4 != 0 || padding > 2) return std::nullopt;
  return bytes;
}

class PrecompiledNormalizer : public Normalizer {
 public:
  REPRISE_SMALL static std::unique_ptr<Normalizer> FromFields(const JsonFields& fields) {
    constexpr std::string_view kName = "precompiled_charsmap";
    fields.OnlyFields("type precompiled_charsmap");
    auto precompiled = std::make_unique<PrecompiledNormalizer>();
    const std::optional<std::string> bytes = DecodeBase64(fields.String(kName));
    if (!bytes) {
      fields.Invalid(kName, "this is not base64");
      return nullptr;
    }
    if (!precompiled->Read(*bytes)) {
      fields.Invalid(kName, "this is no table of SentencePiece's rules");
      return nullptr;
    }
    for (size_t c = 0; c < precompiled->plain_.size(); ++c) {
      const char character = static_cast<char>(c);
      precompiled->plain_[c] = character != '\r' && !precompiled->Replacement({&character, 1});
    }
    return precompiled;
  }

  // Each grapheme cluster of less than six bytes is looked up as a whole, then each code point.
  // What stands at the front and becomes nothing still counts as the text's start, as in the
  // reference library.
  void Apply(NormalizedText& normalized) const override {
    const std::string_view text = normalized.text;
    if (normalized.alignment != nullptr) {
      GrowingArray<RewrittenCharacter> characters;
      ForEachPart(text, [&](std::string_view part, std::string_view replacement) {
        AppendCharacters(part, replacement, characters);
      });
      normalized.alignment->Rewrite(text, characters);
    }
    GrowingText& out = normalized.scratch;
    out.clear();
    out.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
      const size_t end = PlainEnd(text, at);
      out.Append(text.substr(at, end - at));
      at = end == text.size()
               ? end
               : RewriteCluster(text, end, [&](std::string_view, std::string_view replacement) {
                   out.Append(replacement);
                 });
    }
    std::swap(normalized.text, out);
  }

 private:
  // The size of the trie in bytes, the trie, and the replacements, each of which ends in a NUL.
  REPRISE_SMALL bool Read(std::string_view bytes) {
    const auto number = [&](size_t at) {
      uint32_t value = 0;
      for (size_t i = 4; i > 0; --i) {
        value = value << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
      }
      return value;
    };
    if (bytes.size() < 4) return false;
    const uint32_t trie_bytes = number(0);
    if (trie_bytes % 4 != 0 || trie_bytes == 0 || trie_bytes > bytes.size() - 4) return false;
    for (size_t at = 4; at < 4 + size_t{trie_bytes}; at += 4) units_.push_back(number(at));
    replacements_ = bytes.substr(4 + trie_bytes);
    return !FindInvalidUtf8(replacements_).has_value();
  }

  // Calls `write(part, replacement)` for each part of the text that is looked up.
  template <typename Write>
  void ForEachPart(std::string_view text, const Write& write) const {
    for (size_t at = 0; at < text.size();) at = RewriteCluster(text, at, write);
  }

  // The same for the cluster at `at`. Returns its end.
  template <typename Write>
  size_t RewriteCluster(std::string_view text, size_t at, const Write& write) const {
    constexpr size_t kLongCluster = 6;
    const size_t end = GraphemeEnd(text, at);
    const std::string_view cluster = text.substr(at, end - at);
    if (cluster.size() < kLongCluster) {
      if (const auto whole = Replacement(cluster)) {
        write(cluster, *whole);
        return end;
      }
    }
    while (at < end) {
      const std::string_view character = text.substr(at, Utf8Length(text[at]));
      write(character, Replacement(character).value_or(character));
      at += character.size();
    }
    return end;
  }

  // The end of the ASCII characters from a cluster's start `at` on that are clusters of their own
  // and stay as they are. Before what is not ASCII one is left, which may be of its cluster.
  size_t PlainEnd(std::string_view text, size_t at) const {
    const auto is_plain = [&](size_t i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      return byte < plain_.size() && plain_[byte];
    };
    while (at < text.size() && is_plain(at) &&
           (at + 1 == text.size() || static_cast<unsigned char>(text[at + 1]) < 0x80)) {
      ++at;
    }
    return at;
  }

  // Characters of the replacement take one each of the part's, as far as there are any; what is
  // left of the part goes to the last character so far, and to none where there is none.
  REPRISE_SMALL static void AppendCharacters(std::string_view part, std::string_view replacement,
                                             GrowingArray<RewrittenCharacter>& characters) {
    uint32_t left = 0;
    for (size_t at = 0; at < part.size(); at += Utf8Length(part[at])) ++left;
    for (size_t at = 0; at < replacement.size();) {
      const uint32_t takes = left > 0 ? 1 : 0;
      characters.push_back({ReadUtf8(replacement, at), takes});
      left -= takes;
    }
    if (!characters.empty()) characters.back().takes += left;
  }

  // The replacement of the shortest text in the trie at the start of `key`: it stands for all of
  // `key`, as in the reference library.
  std::optional<std::string_view> Replacement(std::string_view key) const {
    uint32_t node = Offset(units_[0]);
    for (const char c : key) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte == 0) break;
      node ^= byte;
      if (node >= units_.size() || Label(units_[node]) != byte) return std::nullopt;
      const uint32_t unit = units_[node];
      node ^= Offset(unit);
      if (node >= units_.size()) return std::nullopt;
      const bool has_leaf = (unit >> 8 & 1) != 0;
      if (has_leaf) return ReplacementAt(units_[node] & 0x7FFFFFFF);
    }
    return std::nullopt;
  }

  static uint32_t Label(uint32_t unit) { return unit & (1u << 31 | 0xFF); }
  static uint32_t Offset(uint32_t unit) { return unit >> 10 << ((unit & 1u << 9) >> 6); }

  std::optional<std::string_view> ReplacementAt(size_t start) const {
    if (start > replacements_.size()) return std::nullopt;
    const size_t end = replacements_.find('\0', start);
    const std::string_view text =
        std::string_view(replacements_).substr(start, end == std::string::npos ? end : end - start);
    if (FindInvalidUtf8(text)) return std::nullopt;  // a place within a character
    return text;
  }

  std::vector<uint32_t> units_;
  std::string replacements_;
  std::array<bool, 128> plain_{};  // ASCII but CR that has no replacement
};

}  // namespace

std::unique_ptr<Normalizer> ParsePrecompiledNormalizer(const JsonFields& fields) {
  return PrecompiledNormalizer::FromFields(fields);
}

}  // namespace reprise
