// The tokens of a model, by text and by id. Added tokens are added_tokens.h's matter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "tokenizer/json_fields.h"

namespace reprise {

// Token texts and their ids, one to one. Ids may have gaps.
class Vocabulary {
 public:
  // Reads the object {"token": id, …} in the field `name`. Errors: invalid_tokenizer for an id that
  // is no integer from 0 to 2^24 - 1 or that two tokens share.
  static Result<Vocabulary> Parse(const JsonFields& model, std::string_view name);

  Vocabulary(Vocabulary&&) = default;
  Vocabulary& operator=(Vocabulary&&) = default;

  // The number of tokens; with gaps, less than the largest id + 1.
  int64_t size() const { return static_cast<int64_t>(ids_.size()); }

  // One more than the largest id.
  int64_t id_limit() const { return static_cast<int64_t>(tokens_.size()); }

  std::optional<int32_t> Find(std::string_view token) const;
  std::optional<std::string_view> Token(int32_t id) const;

 private:
  Vocabulary() = default;

  std::vector<std::optional<std::string>> tokens_;     // by id
  std::unordered_map<std::string_view, int32_t> ids_;  // keys lie in tokens_
};

}  // namespace reprise
