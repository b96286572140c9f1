#include "tokenizer/bpe.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/small_code.h"
#include "tokenizer/byte_tokens.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

// The two tokens of a merge, written "a b" or ["a", "b"].
REPRISE_SMALL std::optional<std::pair<std::string_view, std::string_view>> SplitMerge(
    const JsonValue& entry) {
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

}  // namespace

REPRISE_SMALL Result<std::unique_ptr<Model>> BpeModel::FromFields(const JsonFields& fields,
                                                                  const HashKey& key) {
  REPRISE_TRY(fields.OnlyFields({"type", "dropout", "unk_token", "continuing_subword_prefix",
                                 "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges",
                                 "vocab", "merges"}));
  REPRISE_ASSIGN(Vocabulary vocabulary, Vocabulary::FromObject(fields, "vocab", key));
  std::unique_ptr<BpeModel> model(new BpeModel(std::move(vocabulary), key));
  REPRISE_TRY(model->ReadOptions(fields));
  REPRISE_TRY(model->ReadMerges(fields));
  model->FillTables();
  model->FindBorders();
  return model;
}

REPRISE_SMALL Status BpeModel::ReadOptions(const JsonFields& fields) {
  if (const JsonValue* dropout = fields.Find("dropout"); dropout != nullptr) {
    if (!dropout->is_number()) return fields.Expected("dropout", "a number");
    if (dropout->number() != 0) {
      return fields.Unsupported("dropout", "ids drawn at random are not supported");
    }
  }
  if (fields.Find("continuing_subword_prefix") != nullptr) {
    REPRISE_ASSIGN(prefix_, fields.String("continuing_subword_prefix"));
  }
  if (fields.Find("end_of_word_suffix") != nullptr) {
    REPRISE_ASSIGN(suffix_, fields.String("end_of_word_suffix"));
  }
  if (fields.Find("unk_token") != nullptr) {
    REPRISE_ASSIGN(unk_token_, fields.String("unk_token"));
    unk_id_ = vocabulary().Find(*unk_token_);
  }
  REPRISE_ASSIGN(fuse_unk_, fields.Boolean("fuse_unk", false));
  REPRISE_ASSIGN(byte_fallback_, fields.Boolean("byte_fallback", false));
  REPRISE_ASSIGN(ignore_merges_, fields.Boolean("ignore_merges", false));
  return {};
}

// Takes merges in and looks their tokens up many at a time. A method that fails says what is wrong
// with the first merge that is.
class BpeModel::MergeReader {
 public:
  MergeReader(BpeModel& model, const JsonFields& fields) : model_(model), fields_(fields) {}

  // Merge i of the list. What is wrong with it may come out later.
  REPRISE_SMALL Status Add(size_t i, std::string_view left, std::string_view right) {
    tokens_[2 * count_] = left;
    tokens_[2 * count_ + 1] = right;
    places_[count_++] = i;
    if (count_ < kBatch) return {};
    return LookUp();
  }

  // Looks up those taken in. To be called at the end, too.
  Status LookUp() {
    const Vocabulary& vocabulary = model_.vocabulary();
    int32_t ids[2 * kBatch];
    vocabulary.FindAll({tokens_, 2 * count_}, {ids, 2 * count_});
    MergeTable::Merge merges[kBatch];
    for (size_t i = 0; i < count_; ++i) {
      for (size_t side : {2 * i, 2 * i + 1}) {
        if (ids[side] == Vocabulary::kNoToken) return Unknown(places_[i], tokens_[side]);
      }
      REPRISE_ASSIGN(const int32_t result, FindJoined(i));
      merges[i] = {ids[2 * i], ids[2 * i + 1], static_cast<int32_t>(places_[i]), result};
    }
    model_.merges_.Set({merges, count_});
    count_ = 0;
    return {};
  }

  REPRISE_SMALL Failure Invalid(size_t i, std::string_view reason) const {
    return fields_.Invalid("merges[" + std::to_string(i) + "]", reason);
  }

 private:
  static constexpr size_t kBatch = 64;

  REPRISE_SMALL Failure Unknown(size_t i, std::string_view token) const {
    return Invalid(i, "\"" + std::string(token) + "\" is not in the vocabulary");
  }

  // The token that merge i of the batch gives: mostly that of the merge before or the next.
  Result<int32_t> FindJoined(size_t i) {
    const std::string_view left = tokens_[2 * i];
    const std::string_view right = tokens_[2 * i + 1].substr(model_.prefix_.size());
    for (const int32_t guess : {last_, last_ + 1}) {
      const std::optional<std::string_view> text = model_.vocabulary().Token(guess);
      const bool is_it = text && text->size() == left.size() + right.size() &&
                         EqualBytes(text->substr(0, left.size()), left) &&
                         EqualBytes(text->substr(left.size()), right);
      if (is_it) return last_ = guess;
    }
    joined_.assign(left).append(right);
    const std::optional<int32_t> id = model_.vocabulary().Find(joined_);
    if (!id) return Unknown(places_[i], joined_);
    return last_ = *id;
  }

  BpeModel& model_;
  const JsonFields& fields_;
  size_t count_ = 0;
  std::string_view tokens_[2 * kBatch];
  size_t places_[kBatch];
  int32_t last_ = 0;
  std::string joined_;
};

REPRISE_SMALL Status BpeModel::ReadMerges(const JsonFields& fields) {
  REPRISE_ASSIGN(const auto entries, fields.Array("merges"));
  static_assert(Vocabulary::kMaxTokens == int64_t{1} << MergeTable::kIdBits);
  if (entries.size() > static_cast<size_t>(Vocabulary::kMaxTokens)) {
    return fields.Unsupported("merges", "more than 2^21 merges are not supported");
  }
  merges_.Reserve(entries.size(), key_);
  MergeReader reader(*this, fields);
  for (size_t i = 0; i < entries.size(); ++i) {
    // The head of a merges.txt; the reference library passes over it.
    if (entries[i].is_string() && entries[i].string().starts_with("#version")) continue;
    const auto pair = SplitMerge(entries[i]);
    if (!pair || pair->first.empty() || pair->second.size() <= prefix_.size()) {
      REPRISE_TRY(reader.LookUp());
      return reader.Invalid(i, pair ? "an empty token cannot be merged"
                                    : "expected two tokens: \"a b\" or [\"a\", \"b\"]");
    }
    REPRISE_TRY(reader.Add(i, pair->first, pair->second));
  }
  return reader.LookUp();
}

REPRISE_SMALL void BpeModel::FillTables() {
  std::string character;
  for (size_t c = 0; c < low_character_ids_.size(); ++c) {
    character.clear();
    AppendUtf8(static_cast<char32_t>(c), character);
    low_character_ids_[c] = vocabulary().Find(character).value_or(kNone);
  }
  byte_ids_ = FindByteTokens(vocabulary(), kNone);
}

REPRISE_SMALL void BpeModel::FindBorders() {
  const bool has_affixes = !prefix_.empty() || !suffix_.empty();
  const bool has_bytes = byte_fallback_ && std::ranges::find(byte_ids_, kNone) == byte_ids_.end();
  // A character that becomes nothing brings its neighbours together.
  if (has_affixes || ignore_merges_ || (!has_bytes && !unk_id_)) return;
  borders_ = MarkBorders::Of(vocabulary(), unk_token_.value_or(""));
}

void BpeModel::SplitFurther(PreTokenizedText& words) const {
  if (borders_) borders_->Split(words);
}

std::optional<int32_t> BpeModel::CharacterId(char32_t c, std::string_view text) const {
  if (c >= low_character_ids_.size()) return vocabulary().Find(text);
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

// The character as the vocabulary has it at its place in a word.
std::string_view BpeModel::WithAffixes(std::string_view character, bool is_first, bool is_last,
                                       std::string& storage) const {
  const bool has_prefix = !is_first && !prefix_.empty();
  const bool has_suffix = is_last && !suffix_.empty();
  if (!has_prefix && !has_suffix) return character;
  storage.clear();
  if (has_prefix) storage += prefix_;
  storage += character;
  if (has_suffix) storage += suffix_;
  return storage;
}

Status BpeModel::AppendSymbols(std::string_view word, std::vector<int32_t>& symbols,
                               std::vector<uint32_t>* lengths) const {
  const auto give_lengths = [&](size_t length) {
    if (lengths != nullptr) lengths->resize(symbols.size(), static_cast<uint32_t>(length));
  };
  // The unk token is written once its run has ended. Characters written as bytes do not end a run:
  // they come before its token (the reference library does the same).
  size_t unk_length = 0;  // of the run; 0 where none is under way
  const auto end_run = [&] {
    if (unk_length == 0) return;
    symbols.push_back(*unk_id_);
    give_lengths(unk_length);
    unk_length = 0;
  };
  std::string storage;
  for (size_t at = 0; at < word.size();) {
    const size_t start = at;
    const char32_t c = ReadUtf8(word, at);
    const std::string_view plain = word.substr(start, at - start);
    const std::string_view character = WithAffixes(plain, start == 0, at == word.size(), storage);
    const bool is_plain = character.size() == plain.size();
    const std::optional<int32_t> id =
        is_plain ? CharacterId(c, character) : vocabulary().Find(character);
    if (id) {
      end_run();
      symbols.push_back(*id);
      give_lengths(plain.size());
      continue;
    }
    if (byte_fallback_ && AppendBytes(character, symbols)) {
      give_lengths(1);
      continue;
    }
    if (!unk_token_) continue;
    if (!unk_id_) {
      return MissingUnk("unk_token", "\"" + *unk_token_ + "\" is not in the vocabulary", character);
    }
    if (!fuse_unk_) end_run();
    unk_length += plain.size();
  }
  end_run();
  return {};
}

REPRISE_SMALL bool BpeModel::TakeBytes() {
  if (!prefix_.empty() || !suffix_.empty()) return false;
  token_bytes_ = TokenBytes::OfBytes(vocabulary(), key_);
  if (!token_bytes_) return false;
  merges_.IndexBytes(token_bytes_->of_byte());
  // Words that are one token, whatever is merged or because this is what merging leads to.
  std::vector<int32_t> ids;
  token_bytes_->Add(vocabulary(), [&](std::string_view bytes, int32_t id) {
    if (ignore_merges_) return true;
    ids.clear();
    merges_.JoinBytes(bytes, ids);
    return ids.size() == 1 && ids[0] == id;
  });
  return true;
}

Status BpeModel::Encode(std::string_view word, std::vector<int32_t>& ids) const {
  if (token_bytes_) {
    if (const std::optional<int32_t> id = token_bytes_->Find(word)) {
      ids.push_back(*id);
    } else {
      merges_.JoinBytes(word, ids);
    }
    return {};
  }
  if (ignore_merges_) {
    if (const std::optional<int32_t> id = vocabulary().Find(word)) {
      ids.push_back(*id);
      return {};
    }
  }
  const size_t first = ids.size();
  REPRISE_TRY(AppendSymbols(word, ids, nullptr));
  merges_.Join(ids, first);
  return {};
}

// A token's text is that of the symbols that joined, less the prefix of all but the first: that
// tells how many did.
REPRISE_SMALL Status BpeModel::EncodeWithRanges(std::string_view word, std::vector<int32_t>& ids,
                                                std::vector<TextRange>& ranges) const {
  const size_t before = ids.size();
  REPRISE_TRY(Encode(word, ids));
  const std::span<const int32_t> tokens = std::span(ids).subspan(before);
  if (ignore_merges_ && tokens.size() == 1 && vocabulary().Token(tokens[0]) == word) {
    ranges.push_back({0, static_cast<uint32_t>(word.size())});
    return {};
  }
  if (token_bytes_) {
    uint32_t byte = 0;
    for (const int32_t token : tokens) {
      const uint32_t start = byte;
      byte += static_cast<uint32_t>(Utf16Length(*vocabulary().Token(token)));
      ranges.push_back({start, byte});
    }
    return {};
  }
  std::vector<int32_t> symbols;
  std::vector<uint32_t> lengths;
  REPRISE_TRY(AppendSymbols(word, symbols, &lengths));
  const auto text_size = [&](int32_t id) { return vocabulary().Token(id)->size(); };
  size_t next = 0;
  uint32_t end = 0;
  for (const int32_t token : tokens) {
    const uint32_t start = end;
    size_t text = text_size(symbols[next]);
    end += lengths[next++];
    while (text < text_size(token)) {
      text += text_size(symbols[next]) - prefix_.size();
      end += lengths[next++];
    }
    ranges.push_back({start, end});
  }
  return {};
}

REPRISE_SMALL std::vector<int32_t> BpeModel::byte_fallback_ids() const {
  return byte_fallback_ ? PresentByteTokens(byte_ids_, kNone) : std::vector<int32_t>();
}

}  // namespace reprise
