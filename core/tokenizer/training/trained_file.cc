#include "tokenizer/training/trained_file.h"

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "tokenizer/training/pipeline_json.h"

namespace reprise {
namespace {

// BPE's unk token is one of the special tokens; Unigram's is only where it was given as one.
std::vector<std::string> SpecialTokens(const TokenizerTrainingOptions& options) {
  std::vector<std::string> tokens;
  const auto added_unk = options.added_unk_token();
  if (added_unk && options.model == TrainedModelKind::kBpe) tokens.push_back(*added_unk);
  tokens.insert(tokens.end(), options.special_tokens.begin(), options.special_tokens.end());
  return tokens;
}

void WriteAddedTokens(const TokenizerTrainingOptions& options, const TrainedModel& model,
                      JsonWriter& json) {
  std::map<std::string_view, int64_t> ids;
  for (int64_t id = 0; const std::string& token : model.tokens) ids.emplace(token, id++);
  json.Key("added_tokens").BeginArray();
  for (const std::string& token : SpecialTokens(options)) {
    json.BeginObject();
    json.Key("id").Int(ids.at(token));
    json.Key("content").String(token);
    for (const char* name : {"single_word", "lstrip", "rstrip", "normalized"}) {
      json.Key(name).Bool(false);
    }
    json.Key("special").Bool(true);
    json.EndObject();
  }
  json.EndArray();
}

void WriteBpe(const TokenizerTrainingOptions& options, const TrainedModel& model,
              JsonWriter& json) {
  json.Key("type").String("BPE");
  json.Key("dropout").Null();
  json.Key("unk_token");
  if (options.unk_token) {
    json.String(*options.unk_token);
  } else {
    json.Null();
  }
  json.Key("continuing_subword_prefix").Null();
  json.Key("end_of_word_suffix").Null();
  for (const char* name : {"fuse_unk", "byte_fallback", "ignore_merges"})
    json.Key(name).Bool(false);
  json.Key("vocab").BeginObject();
  for (size_t id = 0; id < model.tokens.size(); ++id) {
    json.Key(model.tokens[id]).Int(static_cast<int64_t>(id));
  }
  json.EndObject();
  json.Key("merges").BeginArray();
  for (const auto& [left, right] : model.merges) {
    json.BeginArray();
    json.String(model.tokens[static_cast<size_t>(left)]);
    json.String(model.tokens[static_cast<size_t>(right)]);
    json.EndArray();
  }
  json.EndArray();
}

void WriteUnigram(const TrainedModel& model, JsonWriter& json) {
  json.Key("type").String("Unigram");
  json.Key("unk_id").Int(*model.unk_id);
  json.Key("vocab").BeginArray();
  for (size_t id = 0; id < model.tokens.size(); ++id) {
    json.BeginArray();
    json.String(model.tokens[id]);
    json.Double(model.scores[id]);
    json.EndArray();
  }
  json.EndArray();
  json.Key("byte_fallback").Bool(false);
}

}  // namespace

std::string WriteTrainedFile(const TokenizerTrainingOptions& options, const TrainedModel& model) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.BeginObject();
  json.Key("version").String("1.0");
  json.Key("truncation").Null();
  json.Key("padding").Null();
  WriteAddedTokens(options, model, json);
  json.Key("normalizer");
  WriteNormalizer(options.normalizer, json);
  json.Key("pre_tokenizer");
  WritePreTokenizer(options.pre_tokenizer, json);
  json.Key("post_processor");
  WritePostProcessor(options.pre_tokenizer, json);
  json.Key("decoder");
  WriteDecoder(options.pre_tokenizer, json);
  json.Key("model").BeginObject();
  if (options.model == TrainedModelKind::kBpe) {
    WriteBpe(options, model, json);
  } else {
    WriteUnigram(model, json);
  }
  json.EndObject();
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace reprise
