#include "tokenizer/bpe.h"

#include <utility>

#include "unicode/utf8.h"

namespace reprise {
namespace {

// The two tokens of a merge, written "a b" or ["a", "b"].
std::optional<std::pair<std::string_view, std::string_view>> SplitMerge(const JsonValue& entry) {
  if (entry.is_array()) {
    const auto pair = entry.array();
    if (pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) return std::nullopt;
    return std::pair<std::string_view, std::string_view>(pair[0].string(), pair[1].string());
  }
  if (!entry.is_string()) return std::nullopt;
  const std::string_view text = entry.string();
  const size_t space = text.find(' ');
  if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::pair(text.substr(0, space), text.substr(space + 1));
}

std::string ByteToken(size_t byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
}

}  // namespace

Result<BpeModel> BpeModel::Parse(const JsonFields& fields) {
  REPRISE_TRY(fields.OnlyFields({"type", "dropout", "unk_token", "continuing_subword_prefix",
                                 "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges",
                                 "vocab", "merges"}));
  REPRISE_ASSIGN(Vocabulary vocabulary, Vocabulary::Parse(fields, "vocab"));
  BpeModel model(std::move(vocabulary));
  REPRISE_TRY(model.ReadOptions(fields));
  REPRISE_TRY(model.ReadMerges(fields));
  model.FillTables();
  return model;
}

Status BpeModel::ReadOptions(const JsonFields& fields) {
  if (const JsonValue* dropout = fields.Find("dropout"); dropout != nullptr) {
    if (!dropout->is_number()) return fields.Expected("dropout", "a number");
    if (dropout->number() != 0) {
      return fields.Unsupported("dropout", "ids drawn at random are not supported");
    }
  }
  for (const std::string_view name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const JsonValue* affix = fields.Find(name);
    if (affix == nullptr) continue;
    if (!affix->is_string()) return fields.Expected(name, "a string");
    if (!affix->string().empty()) {
      return fields.Unsupported(name, "\"" + affix->string() + "\" is not supported");
    }
  }
  if (fields.Find("unk_token") != nullptr) {
    REPRISE_ASSIGN(unk_token_, fields.String("unk_token"));
    unk_id_ = vocabulary_.Find(*unk_token_);
  }
  REPRISE_ASSIGN(fuse_unk_, fields.Boolean("fuse_unk", false));
  REPRISE_ASSIGN(byte_fallback_, fields.Boolean("byte_fallback", false));
  REPRISE_ASSIGN(ignore_merges_, fields.Boolean("ignore_merges", false));
  return {};
}

Status BpeModel::ReadMerges(const JsonFields& fields) {
  REPRISE_ASSIGN(const auto entries, fields.Array("merges"));
  merges_.Reserve(entries.size());
  std::string joined;
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string name = "merges[" + std::to_string(i) + "]";
    const auto pair = SplitMerge(entries[i]);
    if (!pair) return fields.Invalid(name, "expected two tokens: \"a b\" or [\"a\", \"b\"]");
    joined.assign(pair->first).append(pair->second);
    const std::string_view needed[] = {pair->first, pair->second, joined};
    int32_t ids[3];
    for (int k = 0; k < 3; ++k) {
      const std::optional<int32_t> id = vocabulary_.Find(needed[k]);
      if (!id) {
        return fields.Invalid(name, "\"" + std::string(needed[k]) + "\" is not in the vocabulary");
      }
      ids[k] = *id;
    }
    if (pair->first.empty() || pair->second.empty()) {
      return fields.Invalid(name, "an empty token cannot be merged");
    }
    merges_.Set(ids[0], ids[1], {static_cast<uint32_t>(i), ids[2]});
  }
  return {};
}

void BpeModel::FillTables() {
  std::string character;
  for (size_t c = 0; c < low_character_ids_.size(); ++c) {
    character.clear();
    AppendUtf8(static_cast<char32_t>(c), character);
    low_character_ids_[c] = vocabulary_.Find(character).value_or(kNone);
  }
  for (size_t byte = 0; byte < 256; ++byte) {
    byte_ids_[byte] = vocabulary_.Find(ByteToken(byte)).value_or(kNone);
  }
}

std::optional<int32_t> BpeModel::CharacterId(char32_t c, std::string_view text) const {
  if (c >= low_character_ids_.size()) return vocabulary_.Find(text);
  if (low_character_ids_[c] == kNone) return std::nullopt;
  return low_character_ids_[c];
}

bool BpeModel::AppendBytes(std::string_view character, std::vector<int32_t>& symbols) const {
  for (const char byte : character) {
    if (byte_ids_[static_cast<unsigned char>(byte)] == kNone) return false;
  }
  for (const char byte : character) {
    symbols.push_back(byte_ids_[static_cast<unsigned char>(byte)]);
  }
  return true;
}

Status BpeModel::AppendSymbols(std::string_view word, std::vector<int32_t>& symbols) const {
  // The unk token is written once its run has ended. Characters written as bytes do not end a run:
  // they come before its token (the reference library does the same).
  bool unk_pending = false;
  for (size_t at = 0; at < word.size();) {
    const size_t start = at;
    const char32_t c = ReadUtf8(word, at);
    const std::string_view character = word.substr(start, at - start);
    if (const std::optional<int32_t> id = CharacterId(c, character)) {
      if (unk_pending) symbols.push_back(*unk_id_);
      unk_pending = false;
      symbols.push_back(*id);
      continue;
    }
    if (byte_fallback_ && AppendBytes(character, symbols)) continue;
    if (!unk_token_) continue;
    if (!unk_id_) {
      return Fail(Error(ErrorCode::kInvalidTokenizer,
                        "$.model.unk_token: \"" + *unk_token_ + "\" is needed for \"" +
                            std::string(character) + "\" and is not in the vocabulary")
                      .With("path", "$.model.unk_token"));
    }
    if (unk_pending && !fuse_unk_) symbols.push_back(*unk_id_);
    unk_pending = true;
  }
  if (unk_pending) symbols.push_back(*unk_id_);
  return {};
}

Status BpeModel::Encode(std::string_view word, std::vector<int32_t>& ids) const {
  if (word.empty()) return {};
  if (ignore_merges_) {
    if (const std::optional<int32_t> id = vocabulary_.Find(word)) {
      ids.push_back(*id);
      return {};
    }
  }
  std::vector<int32_t> symbols;
  symbols.reserve(word.size());
  REPRISE_TRY(AppendSymbols(word, symbols));
  merges_.Join(symbols);
  ids.insert(ids.end(), symbols.begin(), symbols.end());
  return {};
}

}  // namespace reprise
