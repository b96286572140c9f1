// Encoding, decoding and measuring of many texts as jobs, and encodings as 32-bit words, for the C
// interface.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "capi/job_object.h"
#include "tokenizer/encoding.h"

namespace reprise {

// options_json: as reprise_tokenizer.h says of reprise_tokenizer_encode_with. Errors:
// invalid_argument with the field argument, by the names of docs/api-plan.d.ts.
Result<TextEncoder> MakeTextEncoder(std::shared_ptr<const Tokenizer> tokenizer,
                                    std::string_view options_json);

// As reprise_tokenizer.h says of reprise_encode_batch.
Result<GrowingArray<uint32_t>> EncodingWords(std::span<const Encoding> encodings);

// The pool outlives the job. Errors: invalid_argument where the sizes do not add up.
Result<std::unique_ptr<JobObject>> MakeEncodeBatchJob(std::shared_ptr<const Tokenizer> tokenizer,
                                                      ThreadPool* pool, std::string_view texts,
                                                      std::span<const uint32_t> sizes,
                                                      std::string_view options_json);
Result<std::unique_ptr<JobObject>> MakeDecodeBatchJob(std::shared_ptr<const Tokenizer> tokenizer,
                                                      ThreadPool* pool,
                                                      std::span<const int32_t> ids,
                                                      std::span<const uint32_t> counts,
                                                      bool skip_special_tokens);
Result<std::unique_ptr<JobObject>> MakeMetricsJob(std::shared_ptr<const Tokenizer> tokenizer,
                                                  ThreadPool* pool, std::string_view texts,
                                                  std::span<const uint32_t> sizes);

}  // namespace reprise
