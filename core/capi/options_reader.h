// Reads the JSON options of a call strictly: an unknown name or a value of the wrong kind is
// refused.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"

namespace reprise {

// Every error is invalid_argument with argument, expected and found, but for text that is no JSON
// (invalid_json with byte). Absent options are nullopt; null is a value of the wrong kind.
class OptionsReader {
 public:
  // `known` are the names that may occur.
  static Result<OptionsReader> Parse(std::string_view json,
                                     std::span<const std::string_view> known);
  static Result<OptionsReader> Parse(std::string_view json,
                                     std::initializer_list<std::string_view> known) {
    return Parse(json, std::span(known.begin(), known.size()));
  }

  // Reads an option into `value`, which stays as it is where the option is absent.
  Status Read(std::string_view name, bool& value) const;
  Status Read(std::string_view name, std::optional<int64_t>& value) const;
  Status Read(std::string_view name, std::optional<std::string>& value) const;
  Status Read(std::string_view name, std::optional<std::vector<std::string>>& value) const;

  Result<std::optional<double>> Number(std::string_view name) const;
  Result<std::optional<int64_t>> Integer(std::string_view name) const;
  Result<std::optional<std::string>> Text(std::string_view name) const;
  Result<std::optional<std::vector<std::string>>> Texts(std::string_view name) const;
  Result<std::optional<std::vector<int64_t>>> Integers(std::string_view name) const;
  Result<std::optional<std::vector<double>>> Numbers(std::string_view name) const;
  // The place in `words` of the one that is given; the first where none is.
  Result<size_t> Word(std::string_view name, std::initializer_list<std::string_view> words) const;
  // An object of options, with the names that may occur in it.
  Result<std::optional<OptionsReader>> Object(std::string_view name,
                                              std::span<const std::string_view> known) const;
  // An object whose names are integers in decimal.
  Result<std::vector<std::pair<int64_t, double>>> NumbersById(std::string_view name) const;

  Result<std::optional<bool>> Boolean(std::string_view name) const;

  // The error of an option that is needed and absent.
  static Failure Missing(std::string_view name, std::string_view expected);

 private:
  static Result<OptionsReader> FromValue(std::shared_ptr<const JsonValue> value,
                                         std::string_view name,
                                         std::span<const std::string_view> known);
  explicit OptionsReader(std::shared_ptr<const JsonValue> root) : root_(std::move(root)) {}

  std::shared_ptr<const JsonValue> root_;  // keeps the whole text, of which it may be a part
};

}  // namespace reprise
