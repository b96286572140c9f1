#include "capi/options_reader.h"

#include <algorithm>

#include "base/json_words.h"
#include "base/parse_number.h"

namespace reprise {
namespace {

Failure WrongKind(std::string_view name, std::string_view expected, const JsonValue& found) {
  return RefuseArgument(name, expected, InWords(&found));
}

}  // namespace

Result<OptionsReader> OptionsReader::Parse(std::string_view json,
                                           std::span<const std::string_view> known) {
  REPRISE_ASSIGN(JsonValue root, ParseJson(json, "options"));
  return FromValue(std::make_shared<const JsonValue>(std::move(root)), "options", known);
}

Result<OptionsReader> OptionsReader::FromValue(std::shared_ptr<const JsonValue> value,
                                               std::string_view name,
                                               std::span<const std::string_view> known) {
  if (!value->is_object()) return WrongKind(name, "an object", *value);
  for (const auto& [member, unused] : value->object()) {
    if (std::ranges::count(known, std::string_view(member)) != 0) continue;
    std::string expected = "one of";
    for (const std::string_view other : known) expected += " " + std::string(other);
    return RefuseArgument(member, expected, "an unknown option");
  }
  return OptionsReader(std::move(value));
}

Result<std::optional<OptionsReader>> OptionsReader::Object(
    std::string_view name, std::span<const std::string_view> known) const {
  const JsonValue* value = root_->Find(name);
  if (value == nullptr) return std::nullopt;
  return FromValue(std::shared_ptr<const JsonValue>(root_, value), name, known);
}

Failure OptionsReader::Missing(std::string_view name, std::string_view expected) {
  return RefuseArgument(name, expected, "nothing");
}

Status OptionsReader::Read(std::string_view name, bool& value) const {
  const JsonValue* found = root_->Find(name);
  if (found == nullptr) return {};
  if (found->kind() != JsonValue::Kind::kBool) return WrongKind(name, "true or false", *found);
  value = found->boolean();
  return {};
}

Status OptionsReader::Read(std::string_view name, std::optional<int64_t>& value) const {
  const JsonValue* found = root_->Find(name);
  if (found == nullptr) return {};
  if (found->kind() != JsonValue::Kind::kInt) return WrongKind(name, "an integer", *found);
  value = found->integer();
  return {};
}

Status OptionsReader::Read(std::string_view name, std::optional<std::string>& value) const {
  const JsonValue* found = root_->Find(name);
  if (found == nullptr) return {};
  if (!found->is_string()) return WrongKind(name, "a string", *found);
  value = found->string();
  return {};
}

Status OptionsReader::Read(std::string_view name,
                           std::optional<std::vector<std::string>>& value) const {
  const JsonValue* found = root_->Find(name);
  if (found == nullptr) return {};
  if (!found->is_array()) return WrongKind(name, "an array of strings", *found);
  for (const JsonValue& text : found->array()) {
    if (!text.is_string()) return WrongKind(name, "an array of strings", text);
  }
  value.emplace();
  for (const JsonValue& text : found->array()) value->emplace_back(text.string());
  return {};
}

Result<std::optional<bool>> OptionsReader::Boolean(std::string_view name) const {
  if (root_->Find(name) == nullptr) return std::nullopt;
  bool value = false;
  REPRISE_TRY(Read(name, value));
  return value;
}

Result<std::optional<double>> OptionsReader::Number(std::string_view name) const {
  const JsonValue* value = root_->Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) return WrongKind(name, "a number", *value);
  return value->number();
}

Result<std::optional<int64_t>> OptionsReader::Integer(std::string_view name) const {
  std::optional<int64_t> value;
  REPRISE_TRY(Read(name, value));
  return value;
}

Result<std::optional<std::string>> OptionsReader::Text(std::string_view name) const {
  std::optional<std::string> value;
  REPRISE_TRY(Read(name, value));
  return value;
}

Result<std::optional<std::vector<std::string>>> OptionsReader::Texts(std::string_view name) const {
  std::optional<std::vector<std::string>> value;
  REPRISE_TRY(Read(name, value));
  return value;
}

Result<size_t> OptionsReader::Word(std::string_view name,
                                   std::initializer_list<std::string_view> words) const {
  REPRISE_ASSIGN(const std::optional<std::string> given, Text(name));
  if (!given) return 0;
  std::string expected;
  for (size_t i = 0; i < words.size(); ++i) {
    if (*given == words.begin()[i]) return i;
    expected += (i > 0 ? ", " : "") + std::string(words.begin()[i]);
  }
  return RefuseArgument(name, expected, QuotedJson(*given));
}

Result<std::optional<std::vector<int64_t>>> OptionsReader::Integers(std::string_view name) const {
  const JsonValue* value = root_->Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) return WrongKind(name, "an array of integers", *value);
  std::vector<int64_t> integers;
  for (const JsonValue& integer : value->array()) {
    if (integer.kind() != JsonValue::Kind::kInt) {
      return WrongKind(name, "an array of integers", integer);
    }
    integers.push_back(integer.integer());
  }
  return integers;
}

Result<std::optional<std::vector<double>>> OptionsReader::Numbers(std::string_view name) const {
  const JsonValue* value = root_->Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) return WrongKind(name, "an array of numbers", *value);
  std::vector<double> numbers;
  for (const JsonValue& number : value->array()) {
    if (!number.is_number()) return WrongKind(name, "an array of numbers", number);
    numbers.push_back(number.number());
  }
  return numbers;
}

Result<std::vector<std::pair<int64_t, double>>> OptionsReader::NumbersById(
    std::string_view name) const {
  std::vector<std::pair<int64_t, double>> numbers;
  const JsonValue* value = root_->Find(name);
  if (value == nullptr) return numbers;
  if (!value->is_object()) return WrongKind(name, "an object of numbers by token id", *value);
  for (const auto& [key, number] : value->object()) {
    const std::optional<int64_t> id = ParseInteger(key);
    if (!id || std::to_string(*id) != key) {
      return RefuseArgument(name, "token ids as names", "\"" + std::string(key) + "\"");
    }
    if (!number.is_number())
      return WrongKind(name, "a number for token " + std::string(key), number);
    numbers.emplace_back(*id, number.number());
  }
  return numbers;
}

}  // namespace reprise
