// The calls of reprise_tokenizer.h on tokenizers and decode streams.
#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "capi/context.h"
#include "capi/tokenizer_jobs.h"
#include "unicode/utf16.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

std::string Describe(const Tokenizer& tokenizer) {
  JsonWriter json;
  json.BeginObject();
  json.Key("hash").String(tokenizer.hash());
  json.Key("vocabSize").Int(tokenizer.vocab_size());
  json.Key("idLimit").Int(tokenizer.id_limit());
  json.Key("specialTokens").BeginArray();
  for (const AddedToken* token : tokenizer.special_tokens()) {
    json.BeginObject();
    json.Key("id").Int(token->id);
    json.Key("content").String(token->content);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return std::move(json).Take();
}

std::string AsText(const std::vector<uint32_t>& words) {
  return std::string(reinterpret_cast<const char*>(words.data()), words.size() * sizeof(uint32_t));
}

// Callers keep to their options: the encoder of the last ones is kept.
Result<const TextEncoder*> EncoderOf(TokenizerObject& object, std::string_view options) {
  if (!object.encoder || object.encoder_options != options) {
    object.encoder.reset();
    REPRISE_ASSIGN(object.encoder, MakeTextEncoder(object.tokenizer, options));
    object.encoder_options = options;
  }
  return &*object.encoder;
}

Result<DecodeStreamObject*> FindOpenStream(reprise_context& context, int32_t handle) {
  REPRISE_ASSIGN(DecodeStreamObject * stream, context.Find<DecodeStreamObject>(handle));
  if (stream->is_finished) {
    return Fail(ErrorCode::kInvalidArgument, "the decode stream is finished");
  }
  return stream;
}

}  // namespace
}  // namespace reprise

using reprise::DecodeStreamObject;
using reprise::ErrorCode;
using reprise::Result;
using reprise::TokenizerObject;

size_t reprise_utf8_of_utf16(const uint16_t* units, size_t count, char* utf8) {
  return reprise::WriteUtf8OfUtf16(units, count, utf8);
}

int32_t reprise_tokenizer_create(reprise_context* context, const char* json, size_t json_size,
                                 const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(auto tokenizer, reprise::Tokenizer::Parse({json, json_size}, {file, file_size}));
    context->Answer(reprise::Describe(*tokenizer));
    return context->Add(std::make_unique<TokenizerObject>(std::move(tokenizer)));
  });
}

int32_t reprise_tokenizer_encode(reprise_context* context, int32_t tokenizer, const char* text,
                                 size_t size, int32_t add_special_tokens) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    REPRISE_ASSIGN(reprise::GrowingArray<int32_t> ids,
                   object->tokenizer->Encode({text, size}, add_special_tokens != 0));
    const auto count = static_cast<int32_t>(ids.size());
    context->Answer(std::move(ids));
    return count;
  });
}

int32_t reprise_tokenizer_encode_with(reprise_context* context, int32_t tokenizer, const char* text,
                                      size_t size, const char* options, size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(TokenizerObject * object, context->Find<TokenizerObject>(tokenizer));
    REPRISE_ASSIGN(const reprise::TextEncoder* encoder,
                   reprise::EncoderOf(*object, {options, options_size}));
    reprise::Encoding encoding;
    REPRISE_ASSIGN(encoding, encoder->Encode({text, size}));
    REPRISE_TRY(encoder->Pad({&encoding, 1}));
    REPRISE_ASSIGN(reprise::GrowingArray<uint32_t> words, reprise::EncodingWords({&encoding, 1}));
    context->Answer(std::move(words));
    return static_cast<int32_t>(encoding.ids.size());
  });
}

int32_t reprise_encode_batch(reprise_context* context, int32_t tokenizer, const char* texts,
                             size_t texts_size, const uint32_t* sizes, size_t count,
                             const char* options, size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    REPRISE_ASSIGN(auto job, reprise::MakeEncodeBatchJob(object->tokenizer, &context->pool,
                                                         {texts, texts_size}, {sizes, count},
                                                         {options, options_size}));
    return context->Add(std::move(job));
  });
}

int32_t reprise_decode_batch(reprise_context* context, int32_t tokenizer, const int32_t* ids,
                             size_t ids_count, const uint32_t* counts, size_t count,
                             int32_t skip_special_tokens) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    REPRISE_ASSIGN(auto job,
                   reprise::MakeDecodeBatchJob(object->tokenizer, &context->pool, {ids, ids_count},
                                               {counts, count}, skip_special_tokens != 0));
    return context->Add(std::move(job));
  });
}

int32_t reprise_tokenizer_metrics(reprise_context* context, int32_t tokenizer, const char* texts,
                                  size_t texts_size, const uint32_t* sizes, size_t count) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    REPRISE_ASSIGN(auto job, reprise::MakeMetricsJob(object->tokenizer, &context->pool,
                                                     {texts, texts_size}, {sizes, count}));
    return context->Add(std::move(job));
  });
}

int32_t reprise_tokenizer_vocabulary(reprise_context* context, int32_t tokenizer) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    const auto tokens = object->tokenizer->AllTokens();
    std::vector<uint32_t> words;
    for (const auto& [text, id] : tokens) words.push_back(static_cast<uint32_t>(id));
    for (const auto& [text, id] : tokens)
      words.push_back(static_cast<uint32_t>(reprise::Utf16Length(text)));
    std::string answer = reprise::AsText(words);
    for (const auto& [text, id] : tokens) answer += text;
    context->Answer(std::move(answer));
    return static_cast<int32_t>(tokens.size());
  });
}

int32_t reprise_tokenizer_decode(reprise_context* context, int32_t tokenizer, const int32_t* ids,
                                 size_t count, int32_t skip_special_tokens) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    REPRISE_ASSIGN(std::string text,
                   object->tokenizer->Decode({ids, count}, skip_special_tokens != 0));
    context->Answer(std::move(text));
    return 0;
  });
}

int32_t reprise_tokenizer_token_to_id(reprise_context* context, int32_t tokenizer,
                                      const char* token, size_t size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    const auto found = object->tokenizer->TokenToId({token, size});
    if (!found) return 0;
    reprise::GrowingArray<int32_t> ids;
    ids.push_back(*found);
    context->Answer(std::move(ids));
    return 1;
  });
}

int32_t reprise_tokenizer_id_to_token(reprise_context* context, int32_t tokenizer, int32_t id) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    const auto token = object->tokenizer->IdToToken(id);
    if (!token) return 0;
    context->Answer(std::string(*token));
    return 1;
  });
}

int32_t reprise_decode_stream_create(reprise_context* context, int32_t tokenizer,
                                     int32_t skip_special_tokens) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const TokenizerObject* object, context->Find<TokenizerObject>(tokenizer));
    return context->Add(
        std::make_unique<DecodeStreamObject>(object->tokenizer, skip_special_tokens != 0));
  });
}

int32_t reprise_decode_stream_push(reprise_context* context, int32_t stream, int32_t id) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(DecodeStreamObject * object, reprise::FindOpenStream(*context, stream));
    REPRISE_ASSIGN(std::string text, object->stream.Push(id));
    context->Answer(std::move(text));
    return 0;
  });
}

int32_t reprise_decode_stream_finish(reprise_context* context, int32_t stream) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(DecodeStreamObject * object, reprise::FindOpenStream(*context, stream));
    object->is_finished = true;
    context->Answer(object->stream.Finish());
    return 0;
  });
}
