#include "tokenizer/decoder_stages.h"

#include <optional>
#include <utility>

#include "tokenizer/byte_alphabet.h"

namespace reprise {
namespace {

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

// The byte of a token such as <0xE2>.
std::optional<char> FallbackByte(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  const auto high = HexDigit(token[3]);
  const auto low = HexDigit(token[4]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

void ReplaceAll(std::string& text, std::string_view sought, std::string_view replacement) {
  size_t found = text.find(sought);
  if (found == std::string::npos) return;
  std::string replaced;
  size_t done = 0;
  for (; found != std::string::npos; found = text.find(sought, done)) {
    replaced.append(text, done, found - done).append(replacement);
    done = found + sought.size();
  }
  replaced.append(text, done);
  text = std::move(replaced);
}

// Takes back the spaces that English has not, in the order of the reference library.
void CleanUp(std::string& text) {
  constexpr std::pair<std::string_view, std::string_view> kRules[] = {
      {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
      {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
      {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [sought, replacement] : kRules) ReplaceAll(text, sought, replacement);
}

}  // namespace

void FuseStage::Finish() {
  next_->EndToken();
  next_->Finish();
}

void SpacedStage::StartToken() {
  if (!inside_ && !first_) next_->Text(" ");
  first_ = false;
  inside_ = true;
}

void SpacedStage::Text(std::string_view piece) {
  StartToken();
  next_->Text(piece);
}

void SpacedStage::EndToken() {
  StartToken();
  inside_ = false;
}

void ByteLevelStage::Token(std::string& token) {
  std::string bytes;
  bytes.reserve(token.size());
  for (size_t at = 0; at < token.size();) {
    const std::optional<char> byte = ByteOfAlphabet(ReadUtf8(token, at));
    if (!byte) {
      bytes = token;
      break;
    }
    bytes.push_back(*byte);
  }
  std::string text;
  utf8_.Push(bytes, text);
  next_->Text(text);
}

void ByteLevelStage::Finish() {
  std::string text;
  utf8_.Finish(text);
  next_->Text(text);
  next_->EndToken();
  next_->Finish();
}

void ByteFallbackStage::Token(std::string& token) {
  if (const std::optional<char> byte = FallbackByte(token)) {
    run_.push_back(*byte);
    return;
  }
  FlushRun();
  next_->Text(token);
  next_->EndToken();
}

void ByteFallbackStage::FlushRun() {
  if (run_.empty()) return;
  if (!FindInvalidUtf8(run_)) {
    next_->Text(run_);
    next_->EndToken();
  } else {
    for (size_t i = 0; i < run_.size(); ++i) {
      next_->Text("\xEF\xBF\xBD");
      next_->EndToken();
    }
  }
  run_.clear();
}

void ByteFallbackStage::Finish() {
  FlushRun();
  next_->Finish();
}

void ReplaceStage::Token(std::string& token) {
  text_.clear();
  text_.Append(token);
  pattern_.ReplaceAll(text_, content_, scratch_);
  next_->Text(text_);
  next_->EndToken();
}

void MetaspaceStage::Token(std::string& token) {
  ReplaceAll(token, replacement_, drops_ ? "" : " ");
  drops_ = false;
  next_->Text(token);
  next_->EndToken();
}

void WordPieceStage::Token(std::string& token) {
  if (!is_first_) {
    if (token.starts_with(prefix_)) {
      token.erase(0, prefix_.size());
    } else {
      token.insert(0, " ");
    }
  }
  is_first_ = false;
  if (cleans_) CleanUp(token);
  next_->Text(token);
  next_->EndToken();
}

void WordSuffixStage::Token(std::string& token) {
  PassHeld(" ");
  held_ = token;
}

void WordSuffixStage::PassHeld(std::string_view replacement) {
  if (!held_) return;
  ReplaceAll(*held_, suffix_, replacement);
  next_->Text(*held_);
  next_->EndToken();
  held_.reset();
}

void WordSuffixStage::Finish() {
  PassHeld("");
  next_->Finish();
}

void CtcStage::Token(std::string& token) {
  if (token == last_) return;
  last_ = token;
  if (!pad_.empty()) ReplaceAll(token, pad_, "");
  if (cleans_) {
    CleanUp(token);
    ReplaceAll(token, delimiter_, " ");
  }
  if (token.empty()) return;
  next_->Text(token);
  next_->EndToken();
}

void StripStage::Text(std::string_view piece) {
  while (at_front_ && stripped_ < start_ && piece.starts_with(content_)) {
    piece.remove_prefix(content_.size());
    ++stripped_;
  }
  if (piece.empty()) return;
  at_front_ = false;
  // The copies at the end of this piece; text before them frees what was held.
  size_t copies = 0;
  while (static_cast<int64_t>(copies) < stop_ &&
         piece.substr(0, piece.size() - copies * content_.size()).ends_with(content_)) {
    ++copies;
  }
  const size_t body = piece.size() - copies * content_.size();
  if (body > 0) PassHeld();
  next_->Text(piece.substr(0, body));
  held_ += static_cast<int64_t>(copies);
  for (; held_ > stop_; --held_) next_->Text(content_);
}

void StripStage::PassHeld() {
  for (; held_ > 0; --held_) next_->Text(content_);
}

void StripStage::EndToken() {
  next_->EndToken();
  at_front_ = true;
  stripped_ = 0;
  held_ = 0;
}

}  // namespace reprise
