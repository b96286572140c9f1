// Encoding and decoding many texts in slices, on all threads of a pool. Results and errors do not
// depend on the number of threads nor on the slices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/growing_array.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "tokenizer/encoding.h"
#include "tokenizer/tokenizer.h"

namespace reprise {

// A list of items that are worked off in order.
class TextBatch {
 public:
  virtual ~TextBatch() = default;
  TextBatch(const TextBatch&) = delete;
  TextBatch& operator=(const TextBatch&) = delete;

  // Works off items of about `size` bytes or ids together, at least one for each thread. True once
  // all is done. Errors: that of the first item that has one; the batch must not be used again.
  Result<bool> Step(int64_t size, ThreadPool& pool);

  size_t done() const { return done_; }
  size_t total() const { return bounds_.size() - 1; }

 protected:
  // The error, of item `i` of the caller's list of this name.
  static Failure NameItem(Error error, std::string_view list, size_t i);

  // `sizes`, in bytes or ids, of items that follow each other. Memory is watched
  // (base/growing_array.h), here and in classes below: where it lacks, a batch is not to be used.
  explicit TextBatch(std::span<const uint32_t> sizes);
  size_t start(size_t i) const { return bounds_[i]; }
  size_t size(size_t i) const { return bounds_[i + 1] - bounds_[i]; }

 private:
  // One item, on any thread.
  virtual Status Process(size_t i) = 0;
  // Called after the last.
  virtual Status Finish() { return {}; }

  GrowingArray<size_t> bounds_;
  size_t done_ = 0;
};

class EncodeBatch final : public TextBatch {
 public:
  // `sizes` are the bytes of each of the texts, which follow each other. Errors of Step: those of
  // TextEncoder::Encode, with the field argument ("texts[3]").
  EncodeBatch(TextEncoder encoder, std::string_view texts, std::span<const uint32_t> sizes);
  ~EncodeBatch() override;

  // Once all is done: of each text, padded.
  std::span<const Encoding> encodings() const { return encodings_; }

 private:
  Status Process(size_t i) override;
  Status Finish() override;

  const TextEncoder encoder_;
  const GrowingText texts_;
  GrowingArray<char> memory_;  // of the encodings
  std::span<Encoding> encodings_;
};

class DecodeBatch final : public TextBatch {
 public:
  // `counts` are the lengths of the lists, which follow each other in `ids`. Errors of Step: those
  // of Tokenizer::Decode, with the field argument ("lists[3]").
  DecodeBatch(std::shared_ptr<const Tokenizer> tokenizer, std::vector<int32_t> ids,
              std::span<const uint32_t> counts, bool skip_special_tokens);

  // Once all is done: of each list.
  std::span<const std::string> texts() const { return texts_; }

 private:
  Status Process(size_t i) override;

  const std::shared_ptr<const Tokenizer> tokenizer_;
  const std::vector<int32_t> ids_;
  const bool skip_special_tokens_;
  std::vector<std::string> texts_;
};

}  // namespace reprise
