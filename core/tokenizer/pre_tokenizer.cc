#include "tokenizer/pre_tokenizer.h"

#include <utility>

#include "tokenizer/byte_alphabet.h"
#include "tokenizer/gpt2_pattern.h"
#include "unicode/category.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

using Parsed = Result<std::unique_ptr<const PreTokenizer>>;

class SequencePreTokenizer : public PreTokenizer {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "pretokenizers"}));
    REPRISE_ASSIGN(const auto parts, fields.Array("pretokenizers"));
    auto sequence = std::make_unique<SequencePreTokenizer>();
    for (size_t i = 0; i < parts.size(); ++i) {
      REPRISE_ASSIGN(const JsonFields part, fields.Element("pretokenizers", i));
      REPRISE_ASSIGN(auto pre_tokenizer, Parse(part));
      sequence->parts_.push_back(std::move(pre_tokenizer));
    }
    return sequence;
  }

  void Apply(PreTokenizedText& words) const override {
    for (const auto& part : parts_) part->Apply(words);
  }

 private:
  std::vector<std::unique_ptr<const PreTokenizer>> parts_;
};

// Parts numbers (general category N) from the rest: each digit alone, or each run of them.
class DigitsPreTokenizer : public PreTokenizer {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "individual_digits"}));
    auto digits = std::make_unique<DigitsPreTokenizer>();
    REPRISE_ASSIGN(digits->individual_, fields.Boolean("individual_digits", false));
    return digits;
  }

  void Apply(PreTokenizedText& words) const override {
    std::vector<size_t> ends;
    size_t at = 0;
    for (const size_t end : words.ends) {
      bool was_number = false;
      for (const size_t start = at; at < end;) {
        const size_t here = at;
        const bool is_number = IsNumber(ReadUtf8(words.text, at));
        const bool parts = is_number ? individual_ || !was_number : was_number;
        if (here > start && parts) ends.push_back(here);
        was_number = is_number;
      }
      ends.push_back(end);
    }
    words.ends = std::move(ends);
  }

 private:
  bool individual_ = false;
};

// Splits by GPT-2's pattern and writes each byte as its character of the byte alphabet.
class ByteLevelPreTokenizer : public PreTokenizer {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "add_prefix_space", "trim_offsets", "use_regex"}));
    auto byte_level = std::make_unique<ByteLevelPreTokenizer>();
    REPRISE_ASSIGN(byte_level->add_prefix_space_, fields.Boolean("add_prefix_space"));
    REPRISE_ASSIGN(byte_level->use_regex_, fields.Boolean("use_regex", true));
    // Trimming changes offsets only.
    REPRISE_TRY(fields.Boolean("trim_offsets", true));
    return byte_level;
  }

  void Apply(PreTokenizedText& words) const override {
    std::string out;
    out.reserve(words.text.size() + words.text.size() / 4);
    std::vector<size_t> ends;
    std::string prefixed;
    size_t start = 0;
    for (const size_t end : words.ends) {
      std::string_view word = std::string_view(words.text).substr(start, end - start);
      if (add_prefix_space_ && word.front() != ' ') {
        prefixed.assign(1, ' ').append(word);
        word = prefixed;
      }
      AppendWord(word, out, ends);
      start = end;
    }
    words.text = std::move(out);
    words.ends = std::move(ends);
  }

 private:
  void AppendWord(std::string_view word, std::string& out, std::vector<size_t>& ends) const {
    for (size_t at = 0; at < word.size();) {
      const size_t end = use_regex_ ? Gpt2MatchEnd(word, at) : word.size();
      for (; at < end; ++at) AppendUtf8(kByteAlphabet[static_cast<unsigned char>(word[at])], out);
      ends.push_back(out.size());
    }
  }

  bool add_prefix_space_ = false;
  bool use_regex_ = true;
};

}  // namespace

PreTokenizedText::PreTokenizedText(std::string whole) : text(std::move(whole)) {
  if (!text.empty()) ends.push_back(text.size());
}

Parsed PreTokenizer::Parse(const JsonFields& fields) {
  REPRISE_ASSIGN(const std::string type, fields.String("type"));
  if (type == "Sequence") return SequencePreTokenizer::FromFields(fields);
  if (type == "Digits") return DigitsPreTokenizer::FromFields(fields);
  if (type == "ByteLevel") return ByteLevelPreTokenizer::FromFields(fields);
  return fields.UnknownType();
}

}  // namespace reprise
