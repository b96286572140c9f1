#include "tokenizer/training/pipeline_json.h"

#include <string>
#include <utility>

#include "base/json_reader.h"

namespace reprise {
namespace {

// ByteLevel, which is a pre-tokenizer, a post-processor and a decoder by the same fields.
void WriteByteLevel(bool add_prefix_space, bool trim_offsets, JsonWriter& json) {
  json.BeginObject();
  json.Key("type").String("ByteLevel");
  json.Key("add_prefix_space").Bool(add_prefix_space);
  json.Key("trim_offsets").Bool(trim_offsets);
  json.Key("use_regex").Bool(true);
  json.EndObject();
}

void WriteMetaspace(JsonWriter& json) {
  json.BeginObject();
  json.Key("type").String("Metaspace");
  json.Key("replacement").String("\u2581");
  json.Key("prepend_scheme").String("always");
  json.Key("split").Bool(true);
  json.EndObject();
}

template <typename Component>
std::unique_ptr<const Component> ParseOwn(JsonWriter json) {
  const std::string text = std::move(json).Take();
  const auto tree = ParseJson(text, "trained tokenizer");
  REPRISE_CHECK(tree.has_value(), "what is written here is JSON");
  JsonSource source{"trained tokenizer"};
  const JsonFields fields(*tree, source);
  auto component = Component::Parse(fields);
  REPRISE_CHECK(fields.ok(), "what is written here is a component");
  return component;
}

}  // namespace

void WriteNormalizer(TrainedNormalizer normalizer, JsonWriter& json) {
  const auto write = [&](const char* type) {
    json.BeginObject().Key("type").String(type).EndObject();
  };
  switch (normalizer) {
    case TrainedNormalizer::kNone:
      json.Null();
      return;
    case TrainedNormalizer::kNfc:
      return write("NFC");
    case TrainedNormalizer::kNfd:
      return write("NFD");
    case TrainedNormalizer::kNfkc:
      return write("NFKC");
    case TrainedNormalizer::kNfkd:
      return write("NFKD");
  }
}

void WritePreTokenizer(TrainedPreTokenizer pre_tokenizer, JsonWriter& json) {
  switch (pre_tokenizer) {
    case TrainedPreTokenizer::kByteLevel:
      return WriteByteLevel(/*add_prefix_space=*/false, /*trim_offsets=*/true, json);
    case TrainedPreTokenizer::kMetaspace:
      return WriteMetaspace(json);
    case TrainedPreTokenizer::kWhitespace:
      json.BeginObject().Key("type").String("Whitespace").EndObject();
      return;
  }
}

void WritePostProcessor(TrainedPreTokenizer pre_tokenizer, JsonWriter& json) {
  if (pre_tokenizer == TrainedPreTokenizer::kByteLevel) {
    WriteByteLevel(/*add_prefix_space=*/true, /*trim_offsets=*/false, json);
  } else {
    json.Null();
  }
}

void WriteDecoder(TrainedPreTokenizer pre_tokenizer, JsonWriter& json) {
  switch (pre_tokenizer) {
    case TrainedPreTokenizer::kByteLevel:
      return WriteByteLevel(/*add_prefix_space=*/true, /*trim_offsets=*/true, json);
    case TrainedPreTokenizer::kMetaspace:
      return WriteMetaspace(json);
    case TrainedPreTokenizer::kWhitespace:
      json.Null();
      return;
  }
}

std::unique_ptr<const Normalizer> MakeNormalizer(TrainedNormalizer normalizer) {
  if (normalizer == TrainedNormalizer::kNone) return nullptr;
  JsonWriter json;
  WriteNormalizer(normalizer, json);
  return ParseOwn<Normalizer>(std::move(json));
}

std::unique_ptr<const PreTokenizer> MakePreTokenizer(TrainedPreTokenizer pre_tokenizer) {
  JsonWriter json;
  WritePreTokenizer(pre_tokenizer, json);
  return ParseOwn<PreTokenizer>(std::move(json));
}

}  // namespace reprise
