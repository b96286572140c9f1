// The calls of reprise.h on the digests of rows: hashes and splits.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/byte_view.h"
#include "capi/context.h"
#include "capi/job_object.h"
#include "capi/options_reader.h"
#include "capi/reprise.h"
#include "dataset/row_digest.h"
#include "dataset/split.h"

namespace reprise {
namespace {

Result<std::span<const Sha256Digest>> DigestsIn(const uint8_t* bytes, size_t size) {
  static_assert(sizeof(Sha256Digest) == 32 && alignof(Sha256Digest) == 1);
  if (size % sizeof(Sha256Digest) != 0) {
    return RefuseArgument("digests", "32 bytes a row", std::to_string(size) + " bytes");
  }
  return std::span(reinterpret_cast<const Sha256Digest*>(bytes), size / sizeof(Sha256Digest));
}

Result<SplitMethod> ReadMethod(const OptionsReader& options) {
  REPRISE_ASSIGN(const size_t word, options.Word("method", {"shuffle", "content", "huggingface"}));
  return static_cast<SplitMethod>(word);
}

Result<SplitOptions> ReadSplit(const OptionsReader& options) {
  SplitOptions split;
  REPRISE_ASSIGN(const auto names, options.Texts("names"));
  if (!names) return OptionsReader::Missing("names", "an array of names");
  REPRISE_ASSIGN(const auto ratios, options.Numbers("ratios"));
  REPRISE_ASSIGN(const auto counts, options.Integers("counts"));
  split.by_count = counts.has_value();
  const size_t numbers = split.by_count ? counts->size() : ratios ? ratios->size() : 0;
  if (ratios.has_value() == counts.has_value() || numbers != names->size()) {
    return RefuseArgument("ratios", "either ratios or counts, one for each name", "others");
  }
  for (size_t i = 0; i < names->size(); ++i) {
    SplitPart part;
    part.name = (*names)[i];
    if (split.by_count) {
      part.count = (*counts)[i];
    } else {
      part.ratio = (*ratios)[i];
    }
    split.parts.push_back(std::move(part));
  }
  REPRISE_ASSIGN(const auto seed, options.Integer("seed"));
  if (!seed) return OptionsReader::Missing("seed", "an integer");
  split.seed = *seed;
  REPRISE_ASSIGN(split.method, ReadMethod(options));
  return split;
}

Result<RowFacts> ReadFacts(const OptionsReader& options) {
  RowFacts facts;
  REPRISE_ASSIGN(const auto rows, options.Integer("rows"));
  if (!rows || *rows < 0) return OptionsReader::Missing("rows", "an integer of at least 0");
  facts.rows = *rows;
  REPRISE_TRY(options.Read("key", facts.has_keys));
  REPRISE_TRY(options.Read("stratify", facts.has_strata));
  return facts;
}

// A split gives a word for each part and each row. Too many of them are refused before the work.
Status CheckAnswer(const SplitOptions& split, const RowFacts& facts) {
  const int64_t limit = kMaxJobValues - static_cast<int64_t>(split.parts.size());
  if (facts.rows <= limit) return {};
  return RefuseArgument("rows",
                        "at most " + std::to_string(limit) + " (with the parts at most 2^31 - 1)",
                        std::to_string(facts.rows));
}

class SplitObject final : public JobObject {
 public:
  explicit SplitObject(std::unique_ptr<SplitJob> job) : job_(std::move(job)) {}

  std::string EventJson() const override { return ProgressJson("split", job_->progress()); }
  std::string ResultText() const override { return "{}"; }
  std::span<const uint8_t> values() const override { return BytesOf(job_->words()); }

 private:
  Status AddDigests(std::span<const uint8_t> bytes) override {
    REPRISE_ASSIGN(const auto digests, DigestsIn(bytes.data(), bytes.size()));
    const int64_t lacking = job_->lacking_digests();
    if (static_cast<int64_t>(digests.size()) <= lacking) return job_->Push(digests);
    return RefuseArgument("digests", "those of " + std::to_string(lacking) + " more rows",
                          std::to_string(digests.size()));
  }
  Result<JobState> Advance(int64_t work_units) override {
    if (const int64_t lacking = job_->lacking_digests(); lacking > 0) {
      return RefuseArgument("digests", "those of " + std::to_string(lacking) + " more rows",
                            "none");
    }
    return job_->Step(work_units);
  }

  std::unique_ptr<SplitJob> job_;
};

}  // namespace
}  // namespace reprise

using reprise::JobObject;
using reprise::OptionsReader;
using reprise::Result;

int32_t reprise_dataset_hash(reprise_context* context, const uint8_t* digests, size_t size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const auto rows, reprise::DigestsIn(digests, size));
    context->Answer(reprise::ToHex(reprise::HashOfRows(rows)));
    return 0;
  });
}

int32_t reprise_dataset_split(reprise_context* context, const char* options, size_t options_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(
        const OptionsReader reader,
        OptionsReader::Parse({options, options_size}, {"names", "ratios", "counts", "seed",
                                                       "method", "rows", "key", "stratify"}));
    REPRISE_ASSIGN(const auto split, reprise::ReadSplit(reader));
    REPRISE_ASSIGN(const auto facts, reprise::ReadFacts(reader));
    REPRISE_TRY(reprise::CheckAnswer(split, facts));
    REPRISE_ASSIGN(auto job, reprise::SplitJob::Create(split, facts));
    return context->Add(std::make_unique<reprise::SplitObject>(std::move(job)));
  });
}

int32_t reprise_dataset_split_push(reprise_context* context, int32_t job, const uint8_t* digests,
                                   size_t size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(JobObject * object, context->Find<JobObject>(job));
    REPRISE_TRY(object->TakeDigests({digests, size}));
    return 0;
  });
}
