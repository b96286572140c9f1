// The tokens of a model, by text and by id. Added tokens are added_tokens.h's matter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tokenizer/json_fields.h"

namespace reprise {

// Token texts and their ids, one to one except in lists. Ids may have gaps.
class Vocabulary {
 public:
  // Reads the object {"token": id, …} in the field `name`. Errors: invalid_tokenizer for an id that
  // is no integer from 0 to 2^24 - 1 or that two tokens share.
  static Result<Vocabulary> FromObject(const JsonFields& model, std::string_view name);

  // Of tokens whose ids are their places. Of equal tokens, Find gives the last.
  static Vocabulary FromList(std::vector<std::string> tokens);

  Vocabulary(Vocabulary&&) = default;
  Vocabulary& operator=(Vocabulary&&) = default;

  // The number of ids; with gaps, less than the largest id + 1.
  int64_t size() const { return size_; }

  // One more than the largest id.
  int64_t id_limit() const { return static_cast<int64_t>(tokens_.size()); }

  std::optional<int32_t> Find(std::string_view token) const;
  std::optional<std::string_view> Token(int32_t id) const;

  // All tokens with their ids, in the order of ids. The views live as long as the vocabulary.
  std::vector<std::pair<std::string_view, int32_t>> Texts() const;

 private:
  Vocabulary() = default;

  int64_t size_ = 0;
  std::vector<std::optional<std::string>> tokens_;     // by id
  std::unordered_map<std::string_view, int32_t> ids_;  // keys lie in tokens_
};

}  // namespace reprise
