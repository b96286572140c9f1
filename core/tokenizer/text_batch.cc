#include "tokenizer/text_batch.h"

#include <algorithm>
#include <utility>

#include "base/fill_in.h"

namespace reprise {
namespace {

constexpr int64_t kLongestSlice = int64_t{1} << 30;

// Calls work(i) for i in [begin, end) on the pool.
template <typename Work>
void ForEach(ThreadPool& pool, size_t begin, size_t end, const Work& work) {
  constexpr size_t kLongestGrain = 64;
  constexpr size_t kGrainsOfThread = 8;
  const size_t shares = static_cast<size_t>(pool.threads()) * kGrainsOfThread;
  const size_t grain = std::clamp((end - begin) / shares, size_t{1}, kLongestGrain);
  const auto body = [](void* context, int64_t first, int64_t last, int) {
    for (int64_t i = first; i < last; ++i) (*static_cast<const Work*>(context))(i);
  };
  pool.Run(static_cast<int64_t>(begin), static_cast<int64_t>(end), static_cast<int64_t>(grain),
           body, const_cast<Work*>(&work));
}

}  // namespace

TextBatch::TextBatch(std::span<const uint32_t> sizes) {
  bounds_.reserve(sizes.size() + 1);
  size_t bound = 0;
  bounds_.push_back(bound);
  for (const uint32_t size : sizes) bounds_.push_back(bound += size);
}

Failure TextBatch::NameItem(Error error, std::string_view list, size_t i) {
  const std::string name = FillIn("{}[{}]", {list, std::to_string(i)});
  error.message = FillIn("{}: {}", {name, error.message});
  return Fail(std::move(error).With("argument", name));
}

Result<bool> TextBatch::Step(int64_t size, ThreadPool& pool) {
  if (done_ < total()) {
    const size_t budget = bounds_[done_] + static_cast<size_t>(std::min(size, kLongestSlice));
    const auto behind = std::upper_bound(bounds_.begin(), bounds_.end(), budget);
    const auto by_size = static_cast<size_t>(behind - bounds_.begin()) - 1;
    const size_t by_threads = done_ + static_cast<size_t>(pool.threads());
    const size_t begin = done_;
    const size_t end = std::min(std::max(by_size, by_threads), total());
    std::vector<Status> statuses(end - begin);
    ForEach(pool, begin, end, [&](int64_t i) {
      const auto item = static_cast<size_t>(i);
      statuses[item - begin] = Process(item);
    });
    for (Status& status : statuses) REPRISE_TRY(std::move(status));
    done_ = end;
    if (done_ < total()) return false;
  }
  REPRISE_TRY(Finish());
  return true;
}

EncodeBatch::EncodeBatch(TextEncoder encoder, std::string_view texts,
                         std::span<const uint32_t> sizes)
    : TextBatch(sizes), encoder_(std::move(encoder)), texts_(texts) {
  if (memory_.Extend(sizes.size() * sizeof(Encoding)) == nullptr) return;
  encodings_ = {reinterpret_cast<Encoding*>(memory_.data()), sizes.size()};
  std::uninitialized_value_construct_n(encodings_.data(), encodings_.size());
}

EncodeBatch::~EncodeBatch() { std::destroy_n(encodings_.data(), encodings_.size()); }

Status EncodeBatch::Process(size_t i) {
  auto encoding = encoder_.Encode(std::string_view(texts_).substr(start(i), size(i)));
  if (!encoding) return NameItem(std::move(encoding).error(), "texts", i);
  encodings_[i] = *std::move(encoding);
  return {};
}

Status EncodeBatch::Finish() { return encoder_.Pad(encodings_); }

DecodeBatch::DecodeBatch(std::shared_ptr<const Tokenizer> tokenizer, std::vector<int32_t> ids,
                         std::span<const uint32_t> counts, bool skip_special_tokens)
    : TextBatch(counts),
      tokenizer_(std::move(tokenizer)),
      ids_(std::move(ids)),
      skip_special_tokens_(skip_special_tokens),
      texts_(counts.size()) {}

Status DecodeBatch::Process(size_t i) {
  const auto ids = std::span(ids_).subspan(start(i), size(i));
  auto text = tokenizer_->Decode(ids, skip_special_tokens_);
  if (!text) return NameItem(std::move(text).error(), "lists", i);
  texts_[i] = *std::move(text);
  return {};
}

}  // namespace reprise
