// The last stage of a tokenizer: it turns tokens back into text, as they come.
//
// tokenizer.json describes decoders as functions from a list of tokens to another list, whose
// elements are joined in the end. Here each is a stage that receives the list piece by piece and
// passes on what can no longer change, so that streaming and decoding at once are one code.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tokenizer/json_fields.h"

namespace reprise {

// One stage at work on one list of tokens. The caller gives each token as any number of Text calls
// followed by EndToken, and Finish at the end of the list. A piece of text is valid UTF-8, whole
// code points only.
class DecoderStage {
 public:
  virtual ~DecoderStage() = default;
  virtual void Text(std::string_view piece) = 0;
  virtual void EndToken() = 0;
  virtual void Finish() = 0;
};

// The last stage: appends all text to a string that outlives it.
class TextSink : public DecoderStage {
 public:
  explicit TextSink(std::string& out) : out_(out) {}
  void Text(std::string_view piece) override { out_ += piece; }
  void EndToken() override {}
  void Finish() override {}

 private:
  std::string& out_;
};

// A decoder as the file describes it. Immutable once parsed.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // A fresh stage that gives its results to `next`.
  virtual std::unique_ptr<DecoderStage> Start(std::unique_ptr<DecoderStage> next) const = 0;
  // How many stages that makes, each of which calls the next one.
  virtual size_t stages() const { return 1; }

  // The component described by the fields. What may be wrong: unsupported for another type or
  // option, invalid_tokenizer.
  static std::unique_ptr<Decoder> Parse(const JsonFields& fields);

  // The decoder of a file that names none: tokens with spaces between them.
  static std::unique_ptr<const Decoder> JoinWithSpaces();
};

}  // namespace reprise
