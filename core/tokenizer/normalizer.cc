#include "tokenizer/normalizer.h"

#include <utility>
#include <vector>

#include "tokenizer/string_pattern.h"

namespace reprise {
namespace {

using Parsed = Result<std::unique_ptr<const Normalizer>>;

class SequenceNormalizer : public Normalizer {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "normalizers"}));
    REPRISE_ASSIGN(const auto parts, fields.Array("normalizers"));
    auto sequence = std::make_unique<SequenceNormalizer>();
    for (size_t i = 0; i < parts.size(); ++i) {
      REPRISE_ASSIGN(const JsonFields part, fields.Element("normalizers", i));
      REPRISE_ASSIGN(auto normalizer, Parse(part));
      sequence->parts_.push_back(std::move(normalizer));
    }
    return sequence;
  }

  void Apply(std::string& text) const override {
    for (const auto& part : parts_) part->Apply(text);
  }

 private:
  std::vector<std::unique_ptr<const Normalizer>> parts_;
};

// Puts a text in front of what is not empty.
class PrependNormalizer : public Normalizer {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "prepend"}));
    auto prepend = std::make_unique<PrependNormalizer>();
    REPRISE_ASSIGN(prepend->prefix_, fields.String("prepend"));
    return prepend;
  }

  void Apply(std::string& text) const override {
    if (!text.empty()) text.insert(0, prefix_);
  }

 private:
  std::string prefix_;
};

class ReplaceNormalizer : public Normalizer {
 public:
  static Parsed FromFields(const JsonFields& fields) {
    REPRISE_TRY(fields.OnlyFields({"type", "pattern", "content"}));
    auto replace = std::make_unique<ReplaceNormalizer>();
    REPRISE_ASSIGN(replace->pattern_, ParseStringPattern(fields));
    REPRISE_ASSIGN(replace->content_, fields.String("content"));
    return replace;
  }

  void Apply(std::string& text) const override { ReplaceAll(text, pattern_, content_); }

 private:
  std::string pattern_;
  std::string content_;
};

}  // namespace

Parsed Normalizer::Parse(const JsonFields& fields) {
  REPRISE_ASSIGN(const std::string type, fields.String("type"));
  if (type == "Sequence") return SequenceNormalizer::FromFields(fields);
  if (type == "Prepend") return PrependNormalizer::FromFields(fields);
  if (type == "Replace") return ReplaceNormalizer::FromFields(fields);
  return fields.UnknownType();
}

}  // namespace reprise
