// The calls of reprise.h that make jobs on models.
#include <memory>
#include <utility>

#include "capi/models/model_jobs.h"
#include "capi/models/model_object.h"
#include "capi/reprise.h"

using reprise::ModelObject;
using reprise::Result;
using reprise::TokenizerObject;

int32_t reprise_generate(reprise_context* context, int32_t model, int32_t tokenizer,
                         const int32_t* ids, size_t count, const char* options,
                         size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(ModelObject * object, context->Find<ModelObject>(model));
    std::shared_ptr<const reprise::Tokenizer> text;
    if (tokenizer != 0) {
      REPRISE_ASSIGN(const TokenizerObject* found, context->Find<TokenizerObject>(tokenizer));
      text = found->tokenizer;
    }
    REPRISE_ASSIGN(auto job, reprise::MakeGenerateJob(object, std::move(text), {ids, count},
                                                      {options, options_size}));
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
