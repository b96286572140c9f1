// The calls of reprise.h that make jobs on models.
#include <memory>
#include <utility>

#include "capi/models/model_jobs.h"
#include "capi/models/model_object.h"
#include "capi/reprise.h"

using reprise::ModelObject;
using reprise::Result;
using reprise::TokenizerObject;

namespace {

// Null for 0.
Result<std::shared_ptr<const reprise::Tokenizer>> FindTokenizer(reprise_context* context,
                                                                int32_t handle) {
  if (handle == 0) return nullptr;
  REPRISE_ASSIGN(const TokenizerObject* found, context->Find<TokenizerObject>(handle));
  return found->tokenizer;
}

}  // namespace

int32_t reprise_generate(reprise_context* context, int32_t model, int32_t tokenizer,
                         const int32_t* ids, size_t count, const char* options,
                         size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(ModelObject * object, context->Find<ModelObject>(model));
    REPRISE_ASSIGN(auto text, FindTokenizer(context, tokenizer));
    REPRISE_ASSIGN(auto job,
                   reprise::MakeGenerateJob(object, std::move(text), {ids, count},
                                            {options, options_size}, context->pool.threads()));
    return context->Add(std::move(job));
  });
}

int32_t reprise_score(reprise_context* context, int32_t model, const int32_t* ids, size_t count) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(ModelObject * object, context->Find<ModelObject>(model));
    REPRISE_ASSIGN(auto job, reprise::MakeScoreJob(object, {ids, count}));
    return context->Add(std::move(job));
  });
}

int32_t reprise_forward(reprise_context* context, int32_t model, const int32_t* ids, size_t count,
                        int32_t last_only) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(ModelObject * object, context->Find<ModelObject>(model));
    REPRISE_ASSIGN(auto job,
                   reprise::MakeForwardJob(object, {ids, count}, last_only != 0, &context->budget));
    return context->Add(std::move(job));
  });
}

int32_t reprise_generation_record(reprise_context* context, int32_t job, const char* facts,
                                  size_t facts_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const reprise::JobObject* object, context->Find<reprise::JobObject>(job));
    REPRISE_ASSIGN(std::string record, object->RecordText({facts, facts_size}));
    context->Answer(std::move(record));
    return 0;
  });
}

int32_t reprise_replay(reprise_context* context, int32_t model, int32_t tokenizer,
                       const char* record, size_t record_size, const char* file, size_t file_size,
                       const char* facts, size_t facts_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(ModelObject * object, context->Find<ModelObject>(model));
    REPRISE_ASSIGN(auto text, FindTokenizer(context, tokenizer));
    REPRISE_ASSIGN(auto read, reprise::ParseRecord({record, record_size}, {file, file_size}));
    REPRISE_ASSIGN(auto job, reprise::MakeReplayJob(object, std::move(text), std::move(read),
                                                    {facts, facts_size}, context->pool.threads()));
    return context->Add(std::move(job));
  });
}
