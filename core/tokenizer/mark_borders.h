// Places in a word that no merge of a BPE model crosses.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/byte_tokens.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/vocabulary.h"

namespace reprise {

// Vocabularies that write spaces as ▁ have hardly a token with ▁ behind another character. Where a
// word has a ▁ behind one that no token has there, nothing joins the two, so that encoding the
// parts by themselves gives the ids of the word: short parts, which are cheap and come again.
class MarkBorders {
 public:
  // Null where words cannot be split so: ▁ is no token, or one of the symbols that stand for
  // characters outside the vocabulary (`unk_token`, empty for none, and the bytes' tokens) has a ▁
  // behind it in some token. Requires that each character becomes a symbol.
  static std::unique_ptr<MarkBorders> Of(const Vocabulary& vocabulary, std::string_view unk_token);

  // Splits the words there.
  void Split(PreTokenizedText& words) const;

 private:
  bool IsBorder(std::string_view before) const;

  std::vector<std::string> joined_;  // the characters that some token has before a ▁
};

}  // namespace reprise
