// The stages that decoders are made of; decoder.h has their contract. Each owns the next one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tokenizer/decoder.h"
#include "tokenizer/pattern.h"
#include "unicode/utf8.h"

namespace reprise {

// A stage that hands everything on until told otherwise.
class PassingStage : public DecoderStage {
 public:
  explicit PassingStage(std::unique_ptr<DecoderStage> next) : next_(std::move(next)) {}
  void Text(std::string_view piece) override { next_->Text(piece); }
  void EndToken() override { next_->EndToken(); }
  void Finish() override { next_->Finish(); }

 protected:
  std::unique_ptr<DecoderStage> next_;
};

// A stage that looks at whole tokens.
class WholeTokenStage : public PassingStage {
 public:
  using PassingStage::PassingStage;
  void Text(std::string_view piece) final { token_ += piece; }
  void EndToken() final {
    Token(token_);
    token_.clear();
  }

 protected:
  virtual void Token(std::string& token) = 0;

 private:
  std::string token_;
};

// All tokens become one.
class FuseStage : public PassingStage {
 public:
  using PassingStage::PassingStage;
  void EndToken() override {}
  void Finish() override;
};

// A space between tokens.
class SpacedStage : public PassingStage {
 public:
  using PassingStage::PassingStage;
  void Text(std::string_view piece) override;
  void EndToken() override;

 private:
  void StartToken();
  bool first_ = true;
  bool inside_ = false;
};

// Characters of the byte alphabet become their bytes, and all bytes one text. A token with another
// character stands for its own UTF-8. Bytes that are no text become U+FFFD.
class ByteLevelStage : public WholeTokenStage {
 public:
  using WholeTokenStage::WholeTokenStage;
  void Finish() override;

 protected:
  void Token(std::string& token) override;

 private:
  LossyUtf8Stream utf8_;
};

// Tokens such as <0xE2> become bytes. A run of them becomes one token where it is valid UTF-8, and
// one U+FFFD for each byte where it is not; so it is held back until it ends.
class ByteFallbackStage : public WholeTokenStage {
 public:
  using WholeTokenStage::WholeTokenStage;
  void Finish() override;

 protected:
  void Token(std::string& token) override;

 private:
  void FlushRun();
  std::string run_;
};

class ReplaceStage : public WholeTokenStage {
 public:
  // The pattern and the text must outlive the stage.
  ReplaceStage(std::unique_ptr<DecoderStage> next, const Pattern& pattern,
               const std::string& content)
      : WholeTokenStage(std::move(next)), pattern_(pattern), content_(content) {}

 protected:
  void Token(std::string& token) override;

 private:
  const Pattern& pattern_;
  GrowingText text_, scratch_;
  const std::string& content_;
};

// The replacement becomes a space, but nothing in the first token where `drops_first`.
class MetaspaceStage : public WholeTokenStage {
 public:
  MetaspaceStage(std::unique_ptr<DecoderStage> next, std::string replacement, bool drops_first)
      : WholeTokenStage(std::move(next)),
        replacement_(std::move(replacement)),
        drops_(drops_first) {}

 protected:
  void Token(std::string& token) override;

 private:
  const std::string replacement_;
  bool drops_;  // in this token
};

// Tokens with the prefix lose it and continue the word; others start one, behind a space.
class WordPieceStage : public WholeTokenStage {
 public:
  WordPieceStage(std::unique_ptr<DecoderStage> next, std::string prefix, bool cleans)
      : WholeTokenStage(std::move(next)), prefix_(std::move(prefix)), cleans_(cleans) {}

 protected:
  void Token(std::string& token) override;

 private:
  const std::string prefix_;
  const bool cleans_;
  bool is_first_ = true;
};

// The suffix of a word's last token becomes a space, but nothing in the last token of all; so a
// token is held back until the next one comes.
class WordSuffixStage : public WholeTokenStage {
 public:
  WordSuffixStage(std::unique_ptr<DecoderStage> next, std::string suffix)
      : WholeTokenStage(std::move(next)), suffix_(std::move(suffix)) {}
  void Finish() override;

 protected:
  void Token(std::string& token) override;

 private:
  void PassHeld(std::string_view replacement);

  const std::string suffix_;
  std::optional<std::string> held_;
};

// For connectionist temporal classification: of equal neighbours one counts, padding goes, and with
// `cleans` the delimiter becomes a space.
class CtcStage : public WholeTokenStage {
 public:
  CtcStage(std::unique_ptr<DecoderStage> next, std::string pad, std::string delimiter, bool cleans)
      : WholeTokenStage(std::move(next)),
        pad_(std::move(pad)),
        delimiter_(std::move(delimiter)),
        cleans_(cleans) {}

 protected:
  void Token(std::string& token) override;

 private:
  const std::string pad_;
  const std::string delimiter_;
  const bool cleans_;
  std::optional<std::string> last_;
};

// Takes up to `start` copies of a character off the front of each token and up to `stop` off its
// end. Works on pieces, for it mostly stands behind Fuse.
class StripStage : public PassingStage {
 public:
  StripStage(std::unique_ptr<DecoderStage> next, std::string content, int64_t start, int64_t stop)
      : PassingStage(std::move(next)), content_(std::move(content)), start_(start), stop_(stop) {}
  void Text(std::string_view piece) override;
  void EndToken() override;

 private:
  void PassHeld();

  const std::string content_;
  const int64_t start_;
  const int64_t stop_;
  bool at_front_ = true;
  int64_t stripped_ = 0;  // from the front of this token
  int64_t held_ = 0;      // copies at the end so far that may have to go; at most stop_
};

}  // namespace reprise
