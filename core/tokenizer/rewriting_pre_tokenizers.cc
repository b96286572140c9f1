// The pre-tokenizers that rewrite words: ByteLevel and Metaspace.
#include <algorithm>
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

  void Apply(PreTokenizedText& words) const override {
    if (keeps_bytes_ && !use_regex_ && !add_prefix_space_) return;
    PreTokenizedText out({"", words.first_word_is_first});
    out.text.reserve(words.text.size() + words.text.size() / 4);
    std::string prefixed;
    for (const PreTokenizedText::Word& word : words.words) {
      std::string_view view = words.View(word);
      if (add_prefix_space_ && view.front() != ' ') {
        prefixed.assign(1, ' ').append(view);
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
    PreTokenizedText portion({"", is_first && at == 0});
    const bool is_prefixed = add_prefix_space_ && at == 0 && text.front() != ' ';
    const std::string prefixed = is_prefixed ? " " + std::string(text) : std::string();
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
    const size_t from = at;
    const size_t kept_from = out.text.size();
    WordAppender words(out.words);
    while (at < text.size() && at - from < size) {
      const size_t end = use_regex_ ? Gpt2MatchEnd(text, at) : text.size();
      if (keeps_bytes_) {
        words.Add(kept_from + at - from, kept_from + end - from);
      } else {
        const size_t start = out.text.size();
        for (size_t i = at; i < end; ++i) {
          AppendUtf8(kByteAlphabet[static_cast<unsigned char>(text[i])], out.text);
        }
        words.Add(start, out.text.size());
      }
      at = end;
    }
    if (keeps_bytes_) out.text.append(text, from, at - from);
    return at;
  }

  bool add_prefix_space_ = false;
  bool use_regex_ = true;
  bool keeps_bytes_ = false;
};

// Writes spaces as another character, puts one in front, and splits before each.
class MetaspacePreTokenizer : public PreTokenizer {
 public:
  explicit MetaspacePreTokenizer(MetaspaceFields fields) : fields_(std::move(fields)) {}

  void Apply(PreTokenizedText& words) const override {
    std::string out;
    out.reserve(words.text.size() + words.text.size() / 4);
    std::vector<PreTokenizedText::Word> parts;
    bool is_first = words.first_word_is_first;
    for (const PreTokenizedText::Word& word : words.words) {
      const size_t start = out.size();
      AppendWord(words.View(word), is_first, out);
      parts.push_back({start, out.size()});
      is_first = false;
    }
    if (words.alignment != nullptr) Align(words, parts);
    words.text = std::move(out);
    words.words = std::move(parts);
    if (fields_.splits) SplitAtMarks(words);
  }

  PreTokenizedText ApplyToPortion(std::string_view text, bool is_first, size_t& at,
                                  size_t size) const override {
    if (!fields_.splits) return PreTokenizer::ApplyToPortion(text, is_first, at, size);
    const size_t least = at + std::min(size, text.size() - at);
    return ApplyUpTo(std::min(text.find(' ', least), text.size()), text, is_first, at);
  }

 private:
  // `parts` are the words as rewritten.
  REPRISE_SMALL void Align(PreTokenizedText& words,
                           const std::vector<PreTokenizedText::Word>& parts) const {
    const Alignment before = std::exchange(*words.alignment, words.alignment->Restarted());
    const size_t mark_size = fields_.replacement.size();
    for (size_t i = 0; i < parts.size(); ++i) {
      const std::string_view word = words.View(words.words[i]);
      const auto spaces = static_cast<size_t>(std::count(word.begin(), word.end(), ' '));
      // What is longer than the word with its spaces rewritten has a mark in front.
      const size_t size = parts[i].end - parts[i].start;
      const bool has_prefix = size > word.size() + spaces * mark_size - spaces;
      size_t end = parts[i].start + (has_prefix ? mark_size : 0);
      words.alignment->ExtendTo(end, before[words.words[i].start]);
      for (size_t at = 0; at < word.size(); ++at) {
        end += word[at] == ' ' ? mark_size : 1;
        words.alignment->ExtendTo(end, before[words.words[i].start + at]);
      }
    }
  }

  // A word begins at each mark.
  void SplitAtMarks(PreTokenizedText& words) const {
    const std::string_view mark = fields_.replacement;
    std::vector<PreTokenizedText::Word> parts;
    parts.reserve(words.words.size());
    for (const auto& [start, end] : words.words) {
      const std::string_view before_end = std::string_view(words.text).substr(0, end);
      size_t done = start;
      for (size_t at = before_end.find(mark, start); at != std::string_view::npos;
           at = before_end.find(mark, at + mark.size())) {
        if (at > done) parts.push_back({done, at});
        done = at;
      }
      if (end > done) parts.push_back({done, end});
    }
    words.words = std::move(parts);
  }

  void AppendWord(std::string_view word, bool is_first, std::string& out) const {
    const bool has_mark = word[0] == ' ' || word.starts_with(fields_.replacement);
    const bool prepends = fields_.scheme == PrependScheme::kAlways ||
                          (fields_.scheme == PrependScheme::kFirst && is_first);
    if (prepends && !has_mark) out += fields_.replacement;
    for (size_t at = 0; at < word.size();) {
      const size_t space = std::min(word.find(' ', at), word.size());
      out.append(word, at, space - at);
      if (space < word.size()) out += fields_.replacement;
      at = space + 1;
    }
  }

  const MetaspaceFields fields_;
};

}  // namespace

REPRISE_SMALL ParsedPreTokenizer ParseByteLevelPreTokenizer(const JsonFields& fields) {
  return ByteLevelPreTokenizer::FromFields(fields);
}

REPRISE_SMALL ParsedPreTokenizer ParseMetaspacePreTokenizer(const JsonFields& fields) {
  return std::make_unique<MetaspacePreTokenizer>(MetaspaceFields::Parse(fields));
}

}  // namespace reprise
