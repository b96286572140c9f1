// The command line of reprise_native: `--name value` and `--flag`, read strictly.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace reprise::native {

// A command and its options. A flag's value is "true".
class Arguments {
 public:
  // `valued` and `flags` are the names that the command knows, without "--". Errors:
  // invalid_argument for an unknown name, one without its value, or one that comes twice.
  static Result<Arguments> Parse(std::span<const char* const> words,
                                 std::span<const std::string_view> valued,
                                 std::span<const std::string_view> flags);

  bool Has(std::string_view name) const { return values_.contains(name); }
  // The value, or "" where the option was not given.
  std::string_view Text(std::string_view name) const;
  // Errors: invalid_argument where the option is missing.
  Result<std::string> Needed(std::string_view name) const;
  // Errors: invalid_argument where the value is no integer of 64 bits.
  Result<int64_t> Integer(std::string_view name, int64_t otherwise) const;
  // --seed, or where it was not given this one, or one drawn from the system's entropy, 0 to 2^53
  // - 1.
  Result<int64_t> Seed(std::optional<int64_t> otherwise) const;
  // "1,2,3". Errors: invalid_argument, naming the element.
  Result<std::vector<int32_t>> Ids(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace reprise::native
