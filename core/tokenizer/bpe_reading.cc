// How a BPE model is read: what runs once a tokenizer.
#include <algorithm>
#include <utility>

#include "base/fill_in.h"
#include "tokenizer/bpe.h"
#include "tokenizer/byte_tokens.h"
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

}  // namespace

std::unique_ptr<Model> BpeModel::FromFields(const JsonFields& fields, const HashKey& key) {
  fields.OnlyFields(
      "type dropout unk_token continuing_subword_prefix end_of_word_suffix fuse_unk byte_fallback "
      "ignore_merges vocab merges");
  std::unique_ptr<BpeModel> model(new BpeModel(Vocabulary::FromObject(fields, "vocab", key), key));
  model->ReadOptions(fields);
  if (!fields.ok()) return nullptr;
  model->ReadMerges(fields);
  if (!fields.ok()) return nullptr;
  model->FillTables();
  model->FindBorders();
  return model;
}

void BpeModel::ReadOptions(const JsonFields& fields) {
  if (const JsonValue* dropout = fields.Find("dropout"); dropout != nullptr) {
    if (!dropout->is_number()) return fields.Expected("dropout", "a number");
    if (dropout->number() != 0) {
      return fields.Unsupported("dropout", "ids drawn at random are not supported");
    }
  }
  const auto text = [&](std::string_view name) {
    return fields.Has(name) ? fields.String(name) : std::string_view();
  };
  prefix_ = text("continuing_subword_prefix");
  suffix_ = text("end_of_word_suffix");
  if (fields.Has("unk_token")) {
    unk_token_ = text("unk_token");
    unk_id_ = vocabulary().Find(*unk_token_);
  }
  fuse_unk_ = fields.Boolean("fuse_unk", false);
  byte_fallback_ = fields.Boolean("byte_fallback", false);
  ignore_merges_ = fields.Boolean("ignore_merges", false);
}

// Takes merges in and looks their tokens up many at a time. Of the first merge that is wrong it
// says what is.
class BpeModel::MergeReader {
 public:
  MergeReader(BpeModel& model, const JsonFields& fields) : model_(model), fields_(fields) {}

  // Merge i of the list. What is wrong with it may come out later.
  void Add(size_t i, std::string_view left, std::string_view right) {
    tokens_[2 * count_] = left;
    tokens_[2 * count_ + 1] = right;
    places_[count_++] = i;
    if (count_ == kBatch) LookUp();
  }

  // Looks up those taken in. To be called at the end, too.
  void LookUp() {
    const Vocabulary& vocabulary = model_.vocabulary();
    int32_t ids[2 * kBatch];
    vocabulary.FindAll({tokens_, 2 * count_}, {ids, 2 * count_});
    MergeTable::Merge merges[kBatch];
    for (size_t i = 0; i < count_; ++i) {
      for (size_t side : {2 * i, 2 * i + 1}) {
        if (ids[side] == Vocabulary::kNoToken) return Unknown(places_[i], tokens_[side]);
      }
      const int32_t result = FindJoined(i);
      if (result == Vocabulary::kNoToken) return Unknown(places_[i], joined_);
      merges[i] = {ids[2 * i], ids[2 * i + 1], static_cast<int32_t>(places_[i]), result};
    }
    model_.merges_.Set({merges, count_});
    count_ = 0;
  }

  void Invalid(size_t i, std::string_view reason) const {
    fields_.Invalid(FillIn("merges[{}]", {std::to_string(i)}), reason);
  }

 private:
  static constexpr size_t kBatch = 64;

  void Unknown(size_t i, std::string_view token) const {
    Invalid(i, FillIn("\"{}\" is not in the vocabulary", {token}));
  }

  // The token that merge i of the batch gives: mostly that of the merge before or the next.
  // kNoToken where there is none of the text joined_.
  int32_t FindJoined(size_t i) {
    const std::string_view left = tokens_[2 * i];
    const std::string_view right = tokens_[2 * i + 1].substr(model_.prefix_.size());
    for (const int32_t guess : {last_, last_ + 1}) {
      const std::optional<std::string_view> text = model_.vocabulary().Token(guess);
      const bool is_it = text && text->size() == left.size() + right.size() &&
                         text->substr(0, left.size()) == left && text->substr(left.size()) == right;
      if (is_it) return last_ = guess;
    }
    joined_.assign(left).append(right);
    return last_ = model_.vocabulary().Find(joined_).value_or(Vocabulary::kNoToken);
  }

  BpeModel& model_;
  const JsonFields& fields_;
  size_t count_ = 0;
  std::string_view tokens_[2 * kBatch];
  size_t places_[kBatch];
  int32_t last_ = 0;
  std::string joined_;
};

void BpeModel::ReadMerges(const JsonFields& fields) {
  const auto entries = fields.Array("merges");
  static_assert(Vocabulary::kMaxTokens == int64_t{1} << MergeTable::kIdBits);
  if (entries.size() > static_cast<size_t>(Vocabulary::kMaxTokens)) {
    return fields.Unsupported("merges", "more than 2^21 merges are not supported");
  }
  merges_.Reserve(entries.size(), key_);
  MergeReader reader(*this, fields);
  for (size_t i = 0; i < entries.size() && fields.ok(); ++i) {
    // The head of a merges.txt; the reference library passes over it.
    if (entries[i].is_string() && entries[i].string().starts_with("#version")) continue;
    const auto pair = SplitMerge(entries[i]);
    if (!pair || pair->first.empty() || pair->second.size() <= prefix_.size()) {
      reader.LookUp();
      return reader.Invalid(i, pair ? "an empty token cannot be merged"
                                    : "expected two tokens: \"a b\" or [\"a\", \"b\"]");
    }
    reader.Add(i, pair->first, pair->second);
  }
  if (fields.ok()) reader.LookUp();
}

void BpeModel::FillTables() {
  std::string character;
  for (size_t c = 0; c < low_character_ids_.size(); ++c) {
    character.clear();
    AppendUtf8(static_cast<char32_t>(c), character);
    low_character_ids_[c] = vocabulary().Find(character).value_or(kNone);
  }
  byte_ids_ = FindByteTokens(vocabulary(), kNone);
}

void BpeModel::FindBorders() {
  const bool has_affixes = !prefix_.empty() || !suffix_.empty();
  const bool has_bytes = byte_fallback_ && std::ranges::find(byte_ids_, kNone) == byte_ids_.end();
  // A character that becomes nothing brings its neighbours together.
  if (has_affixes || ignore_merges_ || (!has_bytes && !unk_id_)) return;
  borders_ = MarkBorders::Of(vocabulary(), unk_token_.value_or(""));
}

bool BpeModel::TakeBytes() {
  if (!prefix_.empty() || !suffix_.empty()) return false;
  std::unique_ptr<TokenBytes> tokens = TokenBytes::OfBytes(vocabulary(), key_);
  if (tokens == nullptr) return false;
  merges_.IndexBytes(tokens->of_byte());
  // Words that are one token, whatever is merged or because this is what merging leads to.
  GrowingArray<int32_t> ids;
  tokens->Add(vocabulary(), [&](std::string_view bytes, int32_t id) {
    if (ignore_merges_) return true;
    ids.clear();
    merges_.JoinBytes(bytes, ids);
    return ids.size() == 1 && ids[0] == id;
  });
  token_bytes_ = std::move(tokens);
  return true;
}

}  // namespace reprise
