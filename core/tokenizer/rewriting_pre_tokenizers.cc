// The pre-tokenizers that rewrite words: ByteLevel and Metaspace.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/small_code.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/gpt2_pattern.h"
#include "tokenizer/metaspace_fields.h"
#include "tokenizer/pre_tokenizer.h"

namespace reprise {
namespace {

// Splits by GPT-2's pattern and writes each byte as its character of the byte alphabet, unless
// bytes are to be kept.
class ByteLevelPreTokenizer : public PreTokenizer {
 public:
  REPRISE_SMALL static ParsedPreTokenizer FromFields(const JsonFields& fields) {
    fields.OnlyFields("type add_prefix_space trim_offsets use_regex");
    auto byte_level = std::make_unique<ByteLevelPreTokenizer>();
    byte_level->add_prefix_space_ = fields.Boolean("add_prefix_space");
    byte_level->use_regex_ = fields.Boolean("use_regex", true);
    // Trimming changes offsets only.
    fields.Boolean("trim_offsets", true);
    return byte_level;
  }

  REPRISE_SMALL void Apply(PreTokenizedText& words) const override {
    if (keeps_bytes_ && !use_regex_ && !add_prefix_space_) return;
    PreTokenizedText out({GrowingText(), words.first_word_is_first});
    out.text.reserve(words.text.size() + words.text.size() / 4);
    GrowingText prefixed;
    for (const PreTokenizedText::Word& word : words.words) {
      std::string_view view = words.View(word);
      if (add_prefix_space_ && view.front() != ' ') {
        prefixed.clear();
        AppendPrefixed(view, prefixed);
        view = prefixed;
      }
      AppendWords(view, 0, view.size(), out);
    }
    if (words.alignment != nullptr) Align(words);
    words.text = std::move(out.text);
    words.words = std::move(out.words);
  }

  PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                  size_t size) const override {
    if (!use_regex_) return PreTokenizer::ApplyToPortion(text, is_first, at, size);
    PreTokenizedText portion({GrowingText(), is_first && at == 0});
    const bool is_prefixed = add_prefix_space_ && at == 0 && text.front() != ' ';
    GrowingText prefixed;
    if (is_prefixed) AppendPrefixed(text, prefixed);
    const size_t most = std::min(size, text.size() - at);
    portion.text.reserve(most + most / 4);
    const size_t end =
        AppendWords(is_prefixed ? std::string_view(prefixed) : text, at, size, portion);
    at = is_prefixed ? end - 1 : end;
    return portion;
  }

  bool WritesBytes() const override { return true; }
  void KeepBytes() override { keeps_bytes_ = true; }

 private:
  static void AppendPrefixed(std::string_view text, GrowingText& out) {
    out.reserve(text.size() + 1);
    out.push_back(' ');
    out.Append(text);
  }

  // The size of what a byte becomes.
  size_t Written(char byte) const {
    return keeps_bytes_ ? 1 : Utf8Size(kByteAlphabet[static_cast<unsigned char>(byte)]);
  }

  REPRISE_SMALL void Align(PreTokenizedText& words) const {
    const Alignment before = std::exchange(*words.alignment, words.alignment->Restarted());
    size_t size = 0;
    for (const PreTokenizedText::Word& word : words.words) {
      if (add_prefix_space_ && words.text[word.start] != ' ') {
        size += Written(' ');
        words.alignment->ExtendTo(size, before[word.start]);
      }
      for (size_t at = word.start; at < word.end; ++at) {
        size += Written(words.text[at]);
        words.alignment->ExtendTo(size, before[at]);
      }
    }
  }

  // Appends what a text is split into from `at` on, until a word ends `size` bytes behind it or
  // more; returns where it ends.
  size_t AppendWords(std::string_view text, size_t at, size_t size, PreTokenizedText& out) const {
    const size_t from = at, first_word = out.words.size();
    const size_t moved =
        out.text.size() - from;  // may be less than zero, which adds up all the same
    {
      WordAppender words(out.words);
      const auto add = [&](size_t start, size_t end) { words.Add(start + moved, end + moved); };
      if (!use_regex_) {
        add(at, text.size());
        at = text.size();
      } else if (at < text.size()) {
        at = ForEachGpt2Match(text, at, at + std::min(size, text.size() - at), add);
      }
    }
    if (keeps_bytes_) {
      out.text.Append(text.substr(from, at - from));
      return at;
    }
    for (PreTokenizedText::Word& word : std::span(out.words).subspan(first_word)) {
      const std::string_view bytes = text.substr(word.start - moved, word.end - word.start);
      word.start = out.text.size();
      for (const char byte : bytes) {
        AppendUtf8(kByteAlphabet[static_cast<unsigned char>(byte)], out.text);
      }
      word.end = out.text.size();
    }
    return at;
  }

  bool add_prefix_space_ = false;
  bool use_regex_ = true;
  bool keeps_bytes_ = false;
};

// Writes spaces as another character, puts one in front, and splits before each.
class MetaspacePreTokenizer : public PreTokenizer {
 public:
  explicit MetaspacePreTokenizer(MetaspaceFields fields) : fields_(std::move(fields)) {
    std::memcpy(&mark_, fields_.replacement.data(), fields_.replacement.size());
    mark_bits_ = (uint64_t{1} << 8 * fields_.replacement.size()) - 1;
  }

  void Apply(PreTokenizedText& words) const override {
    if (words.alignment != nullptr) Align(words);
    PreTokenizedText out = Rewrite(words.text, words.words, words.first_word_is_first);
    words.text = std::move(out.text);
    words.words = std::move(out.words);
  }

  PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                  size_t size) const override {
    size_t end = text.size();
    if (fields_.splits) end = std::min(text.find(' ', at + std::min(size, end - at)), end);
    const std::string_view portion = text.substr(at, end - at);
    const bool is_start = is_first && at == 0;
    at = end;
    const Word whole = {0, portion.size()};
    return Rewrite(portion, {&whole, 1}, is_start);
  }

 private:
  using Word = PreTokenizedText::Word;

  REPRISE_SMALL void Align(PreTokenizedText& words) const {
    const Alignment before = std::exchange(*words.alignment, words.alignment->Restarted());
    const size_t mark_size = fields_.replacement.size();
    bool is_first = words.first_word_is_first;
    size_t size = 0;
    for (const Word& word : words.words) {
      if (Prepends(words.text, word, std::exchange(is_first, false))) size += mark_size;
      words.alignment->ExtendTo(size, before[word.start]);
      for (size_t at = word.start; at < word.end; ++at) {
        size += words.text[at] == ' ' ? mark_size : 1;
        words.alignment->ExtendTo(size, before[at]);
      }
    }
  }

  // A text on its way: the one before from the word at hand on, what was written, and where the
  // part under way begins.
  struct Rewriting {
    const char* end;  // of the text before
    char* text;
    size_t size;
    size_t start;
  };
  // Bytes that are read and written at once, of which fewer may count.
  static constexpr size_t kStep = 8;

  // The words rewritten and, where it splits, parted before each mark.
  PreTokenizedText Rewrite(std::string_view text, std::span<const Word> words,
                           bool first_word_is_first) const {
    PreTokenizedText out({GrowingText(), first_word_is_first});
    const char* const end = text.data() + text.size();
    size_t marks = words.size();
    for (size_t at = 0; at < text.size(); at += kStep) {
      marks += static_cast<size_t>(std::popcount(BytesThatAre(' ', ReadStep(&text[at], end))));
    }
    const size_t room = text.size() + marks * fields_.replacement.size() + kStep;
    Rewriting to = {end, out.text.Extend(room), 0, 0};
    if (to.text == nullptr) return out;
    {
      WordAppender parts(out.words);
      bool is_first = first_word_is_first;
      for (const Word& word : words) {
        if (Prepends(text, word, std::exchange(is_first, false))) WriteMark(to);
        RewriteWord(text.data() + word.start, text.data() + word.end, to, parts);
      }
    }
    out.text.Truncate(to.size);
    return out;
  }

  // The bytes from here on, behind the text's end zeros.
  static uint64_t ReadStep(const char* from, const char* end) {
    uint64_t bytes = 0;
    const auto left = static_cast<size_t>(end - from);
    if (left >= kStep) [[likely]] {
      std::memcpy(&bytes, from, kStep);
    } else {
      std::memcpy(&bytes, from, left);
    }
    return bytes;
  }
  // Whether a mark stands here, or a space, which becomes one.
  bool IsMark(const char* at, const char* end) const {
    return *at == ' ' || (ReadStep(at, end) & mark_bits_) == mark_;
  }
  // Whether a mark is put in front of a word.
  bool Prepends(std::string_view text, const Word& word, bool is_first) const {
    const bool prepends = fields_.scheme == PrependScheme::kAlways ||
                          (fields_.scheme == PrependScheme::kFirst && is_first);
    return prepends && !IsMark(&text[word.start], text.data() + text.size());
  }
  void WriteMark(Rewriting& to) const {
    std::memcpy(to.text + to.size, &mark_, kStep);
    to.size += fields_.replacement.size();
  }

  // What was written since the last part is the beginning of the word's first one.
  void RewriteWord(const char* at, const char* end, Rewriting& to, WordAppender& parts) const {
    for (; (at += CopyPlain(at, end, to)) < end; ++at) {
      if (fields_.splits && to.size > to.start && IsMark(at, to.end)) {
        parts.Add(to.start, to.size);
        to.start = to.size;
      }
      if (*at == ' ') {
        WriteMark(to);
      } else {
        to.text[to.size++] = *at;
      }
    }
    parts.Add(to.start, to.size);
    to.start = to.size;
  }

  // The top bits of those of the kStep bytes that are this one.
  static uint64_t BytesThatAre(char wanted, uint64_t bytes) {
    constexpr uint64_t kOnes = 0x0101010101010101u, kLow = 0x7F * kOnes;
    const uint64_t others = bytes ^ static_cast<unsigned char>(wanted) * kOnes;
    return ~(((others & kLow) + kLow) | others | kLow);
  }

  // Copies the bytes before the first that is a space or may begin a mark, and says how many.
  ptrdiff_t CopyPlain(const char* from, const char* end, Rewriting& to) const {
    const char* at = from;
    for (; at < end; at += kStep) {
      const uint64_t bytes = ReadStep(at, to.end);
      std::memcpy(to.text + to.size + (at - from), &bytes, kStep);
      const uint64_t found = BytesThatAre(' ', bytes) | BytesThatAre(fields_.replacement[0], bytes);
      if (found == 0) continue;
      at += std::countr_zero(found) / 8;
      break;
    }
    const ptrdiff_t size = std::min(at, end) - from;
    to.size += static_cast<size_t>(size);
    return size;
  }

  const MetaspaceFields fields_;
  // The replacement, zeros behind it, and ones where it stands.
  uint64_t mark_ = 0, mark_bits_ = 0;
};

}  // namespace

REPRISE_SMALL ParsedPreTokenizer ParseByteLevelPreTokenizer(const JsonFields& fields) {
  return ByteLevelPreTokenizer::FromFields(fields);
}

REPRISE_SMALL ParsedPreTokenizer ParseMetaspacePreTokenizer(const JsonFields& fields) {
  return std::make_unique<MetaspacePreTokenizer>(MetaspaceFields::Parse(fields));
}

}  // namespace reprise
