#include "dataset/split.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <utility>

#include "dataset/fixed_array.h"
#include "dataset/split_sizes.h"
#include "dataset/stratum_shares.h"
#include "dataset/value_numbers.h"
#include "hash/canonical_json.h"
#include "random/distributions.h"
#include "random/pcg64.h"

namespace reprise {
namespace {

// By content, which needs no more than a row's digest.
class ContentPlaces {
 public:
  explicit ContentPlaces(const SplitOptions& options) : ends_(SplitShares(options)) {
    for (size_t p = 1; p < ends_.size(); ++p) ends_[p] += ends_[p - 1];
    const auto seed = static_cast<uint64_t>(options.seed);
    for (size_t i = 0; i < 8; ++i) input_[i] = static_cast<uint8_t>(seed >> (56 - 8 * i));
  }

  uint16_t PartOf(const Sha256Digest& content) {
    std::ranges::copy(content, input_.begin() + 8);
    Sha256 hash;
    hash.Update(input_);
    const Sha256Digest digest = hash.Finish();
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; ++i) bits = bits << 8 | digest[i];
    const double place = static_cast<double>(bits >> 11) * 0x1p-53;
    // Rounded sums may end below 1: what lies above is the last part's.
    const auto above = std::ranges::upper_bound(ends_.begin(), ends_.end() - 1, place);
    return static_cast<uint16_t>(above - ends_.begin());
  }

 private:
  std::vector<double> ends_;
  std::array<uint8_t, 8 + sizeof(Sha256Digest)> input_;
};

// Goes through stages, each a loop over rows or values that steps cut where they like. Parts go by
// the order of their names here.
class StagedSplit final : public SplitJob {
 public:
  // `options` have their parts in that order; `given` are the places that they were given in.
  StagedSplit(SplitOptions options, std::vector<size_t> given, const RowFacts& facts,
              const RandomSource& source, std::vector<uint64_t> sizes)
      : options_(std::move(options)),
        given_(std::move(given)),
        rows_(static_cast<uint64_t>(facts.rows)),
        is_by_content_(options_.method == SplitMethod::kContent),
        is_by_key_(facts.has_keys && !is_by_content_),
        has_strata_(facts.has_strata),
        source_(source),
        generator_(static_cast<uint64_t>(options_.seed)),
        places_(options_),
        sizes_(std::move(sizes)),
        counts_(sizes_.size()) {}

  Status Begin() {
    if (is_by_content_) REPRISE_TRY(part_of_.Make(rows_));
    if (is_by_key_ || has_strata_) REPRISE_TRY(values_.Begin(rows_));
    if (is_by_content_ || is_by_key_ || has_strata_) lacking_ = rows_;
    return {};
  }

  int64_t lacking_digests() const override { return static_cast<int64_t>(lacking_); }

  Status Push(std::span<const Sha256Digest> digests) override {
    REPRISE_CHECK(digests.size() <= lacking_, "a digest for each row");
    if (is_by_content_) {
      uint64_t row = rows_ - lacking_;
      for (const Sha256Digest& digest : digests) part_of_[row++] = places_.PartOf(digest);
    } else {
      REPRISE_TRY(values_.Add(digests));
    }
    lacking_ -= digests.size();
    return {};
  }

  Result<JobState> Step(int64_t work_units) override;

  JobProgress progress() const override {
    return {.done = static_cast<int64_t>(done_), .total = static_cast<int64_t>(total_)};
  }
  std::span<const uint32_t> words() const override {
    const bool is_done = !stages_.empty() && stage_ == stages_.size();
    return is_done ? words_.all() : std::span<const uint32_t>();
  }

 private:
  // Goes through the places from `begin` to `end`; at 0 it begins.
  using Go = Status (StagedSplit::*)(uint64_t begin, uint64_t end);
  struct Stage {
    uint64_t places;
    Go go;
  };

  void Plan();
  Status Ascend(uint64_t begin, uint64_t end);
  Status Shuffle(uint64_t begin, uint64_t end);
  Status ShuffleAsNumpy(uint64_t begin, uint64_t end);
  Status DealRows(uint64_t begin, uint64_t end);
  Status DealKeys(uint64_t begin, uint64_t end);
  Status CountStrata(uint64_t begin, uint64_t end);
  Status SortByStratum(uint64_t begin, uint64_t end);
  Status DealStrata(uint64_t begin, uint64_t end);
  Status CountRows(uint64_t begin, uint64_t end);
  Status GatherRows(uint64_t begin, uint64_t end);
  Status GatherInOrder(uint64_t begin, uint64_t end);

  Status BeginWords(std::span<const uint64_t> counts);
  uint16_t PartOf(uint64_t row) const { return part_of_[is_by_key_ ? values_[row] : row]; }

  const SplitOptions options_;
  const std::vector<size_t> given_;
  const uint64_t rows_;
  const bool is_by_content_, is_by_key_, has_strata_;
  uint64_t lacking_ = 0;

  std::vector<Stage> stages_;
  size_t stage_ = 0;
  uint64_t at_ = 0, done_ = 0, total_ = 0, told_percent_ = 0;

  const RandomSource source_;
  Pcg64 generator_;
  ContentPlaces places_;
  MemoryShortage shortage_;
  ValueNumbers values_{&shortage_};       // of keys or strata
  FixedArray<uint32_t> order_;            // the permutation of rows, or of keys
  FixedArray<uint16_t> part_of_;          // of each row, or of each key
  const std::vector<uint64_t> sizes_;     // that the options ask for
  size_t part_ = 0;                       // that gets the next rows or keys
  uint64_t left_ = 0;                     // rows that it, or the stratum at hand, still gets
  uint64_t dealt_ = 0, end_ = 0;          // of keys: rows that were dealt, and where part_ ends
  FixedArray<uint32_t> begins_, sorted_;  // the permuted rows by stratum, and where each begins
  std::optional<StratumShares> shares_;
  std::vector<uint64_t> stratum_counts_;  // rows of the stratum at hand that parts still get
  uint64_t next_row_ = 0, next_sorted_ = 0;
  std::vector<uint64_t> counts_;  // rows that each part got
  std::vector<uint64_t> next_;    // where each part's next row goes
  FixedArray<uint32_t> words_;
};

void StagedSplit::Plan() {
  values_.End();
  const uint64_t values = values_.count();
  const uint64_t ordered = is_by_key_ ? values : rows_;
  if (!is_by_content_) stages_.push_back({ordered, &StagedSplit::Ascend});
  if (options_.method == SplitMethod::kHuggingFace) {
    stages_.push_back({rows_, &StagedSplit::ShuffleAsNumpy});
    stages_.push_back({rows_, &StagedSplit::GatherInOrder});
  } else {
    if (!is_by_content_) stages_.push_back({ordered, &StagedSplit::Shuffle});
    if (is_by_key_) {
      stages_.push_back({values, &StagedSplit::DealKeys});
    } else if (has_strata_) {
      stages_.push_back({values, &StagedSplit::CountStrata});
      stages_.push_back({rows_, &StagedSplit::SortByStratum});
      stages_.push_back({2 * rows_, &StagedSplit::DealStrata});
    } else if (!is_by_content_) {
      stages_.push_back({rows_, &StagedSplit::DealRows});
    }
    stages_.push_back({rows_, &StagedSplit::CountRows});
    stages_.push_back({rows_, &StagedSplit::GatherRows});
  }
  for (const Stage& stage : stages_) total_ += stage.places;
}

Result<JobState> StagedSplit::Step(int64_t work_units) {
  REPRISE_CHECK(lacking_ == 0, "a digest for each row");
  if (stages_.empty()) Plan();
  // A stratum's shares are a sort of the parts.
  const uint64_t places_of_unit = has_strata_ ? 1 + 1024 / options_.parts.size() : 1024;
  uint64_t places =
      std::min<uint64_t>(static_cast<uint64_t>(work_units), total_ / places_of_unit + 1) *
      places_of_unit;
  for (; stage_ < stages_.size(); ++stage_, at_ = 0) {
    const Stage& stage = stages_[stage_];
    if (places == 0 && stage.places > 0) break;
    const uint64_t end = std::min(stage.places, at_ + places);
    REPRISE_TRY((this->*stage.go)(at_, end));
    places -= end - at_;
    done_ += end - at_;
    at_ = end;
    if (at_ < stage.places) break;
  }
  if (stage_ == stages_.size()) return JobState::kDone;
  const uint64_t percent = done_ * 100 / total_;
  if (percent == told_percent_) return JobState::kRunning;
  told_percent_ = percent;
  return JobState::kEvent;
}

// ------------------------------------------------------------------------------------- the order

Status StagedSplit::Ascend(uint64_t begin, uint64_t end) {
  if (begin == 0) REPRISE_TRY(order_.Make(stages_[stage_].places));
  for (uint64_t i = begin; i < end; ++i) order_[i] = static_cast<uint32_t>(i);
  return {};
}

Status StagedSplit::Shuffle(uint64_t begin, uint64_t end) {
  const auto count = static_cast<uint32_t>(order_.size());
  DrawPlaces(source_, count - static_cast<uint32_t>(begin), count - static_cast<uint32_t>(end),
             order_.all());
  return {};
}

Status StagedSplit::ShuffleAsNumpy(uint64_t begin, uint64_t end) {
  const auto count = static_cast<uint32_t>(order_.size());
  DrawNumpyPlaces(generator_, count - static_cast<uint32_t>(begin),
                  count - static_cast<uint32_t>(end), order_.all());
  return {};
}

// --------------------------------------------------------------------------------------- dealing

Status StagedSplit::DealRows(uint64_t begin, uint64_t end) {
  if (begin == 0) {
    REPRISE_TRY(part_of_.Make(rows_));
    left_ = sizes_[0];
  }
  for (uint64_t i = begin; i < end; ++i, --left_) {
    while (left_ == 0) left_ = sizes_[++part_];
    part_of_[order_[i]] = static_cast<uint16_t>(part_);
  }
  return {};
}

Status StagedSplit::DealKeys(uint64_t begin, uint64_t end) {
  if (begin == 0) {
    REPRISE_TRY(part_of_.Make(values_.count()));
    end_ = sizes_[0];
  }
  for (uint64_t i = begin; i < end; ++i) {
    const uint32_t value = order_[i];
    // The middle of a key's rows lies below the number of all rows, where the last part ends.
    while (2 * end_ <= 2 * dealt_ + values_.rows(value)) end_ += sizes_[++part_];
    part_of_[value] = static_cast<uint16_t>(part_);
    dealt_ += values_.rows(value);
  }
  return {};
}

// Where the permuted rows of each stratum end, when those of each lie together.
Status StagedSplit::CountStrata(uint64_t begin, uint64_t end) {
  if (begin == 0) {
    REPRISE_TRY(begins_.Make(values_.count()));
    shares_.emplace(sizes_, rows_);
  }
  for (uint64_t value = begin; value < end; ++value) {
    end_ += values_.rows(value);
    begins_[value] = static_cast<uint32_t>(end_);
    shares_->Count(values_.rows(value));
  }
  return {};
}

// From the last row on, so that the ends become begins.
Status StagedSplit::SortByStratum(uint64_t begin, uint64_t end) {
  if (begin == 0) REPRISE_TRY(sorted_.Make(rows_));
  for (uint64_t i = begin; i < end; ++i) {
    const uint32_t row = order_[rows_ - 1 - i];
    sorted_[--begins_[values_[row]]] = row;
  }
  return {};
}

// The strata come in the order of the permutation, so that chance decides which of them give their
// odd rows to which part. A place is a row of the permutation that is looked at, whose stratum is
// then at hand unless it was before, or a row of the stratum at hand that is dealt.
Status StagedSplit::DealStrata(uint64_t begin, uint64_t end) {
  if (begin == 0) REPRISE_TRY(part_of_.Make(rows_));
  for (uint64_t i = begin; i < end; ++i) {
    if (left_ == 0) {
      const uint32_t stratum = values_[order_[next_row_++]];
      left_ = std::exchange(values_.rows(stratum), 0);
      if (left_ == 0) continue;
      stratum_counts_ = shares_->Next(static_cast<uint32_t>(left_));
      next_sorted_ = begins_[stratum];
      part_ = 0;
      continue;
    }
    while (stratum_counts_[part_] == 0) ++part_;
    part_of_[sorted_[next_sorted_++]] = static_cast<uint16_t>(part_);
    --stratum_counts_[part_];
    --left_;
  }
  return {};
}

// ------------------------------------------------------------------------------------- gathering

// Begins the answer with parts of so many rows.
Status StagedSplit::BeginWords(std::span<const uint64_t> counts) {
  REPRISE_TRY(CheckSizes(options_, counts, static_cast<int64_t>(rows_)));
  REPRISE_TRY(words_.Make(counts.size() + rows_));
  for (size_t p = 0; p < counts.size(); ++p) words_[given_[p]] = static_cast<uint32_t>(counts[p]);
  std::vector<uint64_t> begins(counts.size(), counts.size());
  for (size_t i = 1; i < counts.size(); ++i) begins[i] = begins[i - 1] + words_[i - 1];
  next_.clear();
  for (const size_t place : given_) next_.push_back(begins[place]);
  return {};
}

Status StagedSplit::CountRows(uint64_t begin, uint64_t end) {
  if (begin == 0) {
    order_.Forget();
    sorted_.Forget();
  }
  for (uint64_t row = begin; row < end; ++row) ++counts_[PartOf(row)];
  return {};
}

Status StagedSplit::GatherRows(uint64_t begin, uint64_t end) {
  if (begin == 0) REPRISE_TRY(BeginWords(counts_));
  for (uint64_t row = begin; row < end; ++row) {
    words_[next_[PartOf(row)]++] = static_cast<uint32_t>(row);
  }
  return {};
}

// As kHuggingFace has them: test's rows come first.
Status StagedSplit::GatherInOrder(uint64_t begin, uint64_t end) {
  if (begin == 0) REPRISE_TRY(BeginWords(sizes_));
  const size_t test = options_.parts[0].name == "test" ? 0 : 1;
  for (uint64_t i = begin; i < end; ++i) {
    words_[next_[i < sizes_[test] ? test : 1 - test]++] = order_[i];
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SplitJob>> SplitJob::Create(const SplitOptions& options,
                                                   const RowFacts& facts) {
  REPRISE_CHECK(facts.rows >= 0, "a number of rows");
  const auto& parts = options.parts;
  std::vector<size_t> by_name(parts.size());
  std::iota(by_name.begin(), by_name.end(), size_t{0});
  std::sort(by_name.begin(), by_name.end(), [&](size_t one, size_t other) {
    return ComesBeforeInUtf16(parts[one].name, parts[other].name);
  });
  SplitOptions sorted = options;
  for (size_t i = 0; i < parts.size(); ++i) sorted.parts[i] = parts[by_name[i]];
  REPRISE_TRY(CheckSplit(sorted, facts));
  REPRISE_ASSIGN(const RandomSource source,
                 RandomSource::Create(options.seed, RandomStream::kSplit));
  std::vector<uint64_t> sizes = SplitSizes(sorted, facts.rows);
  // By content the sizes are a matter of chance.
  if (options.method != SplitMethod::kContent) {
    REPRISE_TRY(CheckSizes(sorted, sizes, facts.rows));
  }
  auto job = std::make_unique<StagedSplit>(std::move(sorted), std::move(by_name), facts, source,
                                           std::move(sizes));
  REPRISE_TRY(job->Begin());
  return std::unique_ptr<SplitJob>(std::move(job));
}

}  // namespace reprise
