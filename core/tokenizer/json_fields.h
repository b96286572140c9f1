// Reads the fields of one component of a tokenizer.json and names file and JSON path of whatever is
// wrong with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_reader.h"

namespace reprise {

// One JSON object at a path such as $.pre_tokenizer.pretokenizers[0]. It refers to the parsed tree
// and to the file's name, which must outlive it.
class JsonFields {
 public:
  // Fails with invalid_tokenizer where the value is no object.
  static Result<JsonFields> FromValue(const JsonValue& value, std::string path,
                                      std::string_view file);

  const std::string& path() const { return path_; }
  std::string_view file() const { return file_; }

  // Fails with unsupported where there is a field of another name: an option that is not known
  // could change the ids.
  Status OnlyFields(std::initializer_list<std::string_view> known) const;

  // The field, or nullptr where it is absent or null.
  const JsonValue* Find(std::string_view name) const;

  // The field as the named kind, or `absent` where it is absent or null. Without `absent` the field
  // is needed. Another kind is invalid_tokenizer.
  Result<bool> Boolean(std::string_view name, std::optional<bool> absent = std::nullopt) const;
  Result<int64_t> Integer(std::string_view name, int64_t low, int64_t high) const;
  Result<std::string> String(std::string_view name) const;
  // A string of one code point.
  Result<char32_t> Character(std::string_view name) const;
  Result<std::span<const JsonValue>> Array(std::string_view name) const;
  Result<JsonFields> Object(std::string_view name) const;

  // Element i of the array field `name`, as an object with its own path.
  Result<JsonFields> Element(std::string_view name, size_t i) const;

  // Errors that name the field: "tokenizer.json, $.model.unk_token: expected a string, found 3".
  Failure Expected(std::string_view name, std::string_view what) const;
  Failure Invalid(std::string_view name, std::string_view reason) const;
  Failure Unsupported(std::string_view name, std::string_view reason) const;

  // `"Foo" is not supported` for the field `type`.
  Failure UnknownType() const;

 private:
  JsonFields(const JsonValue& object, std::string path, std::string_view file)
      : object_(&object), path_(std::move(path)), file_(file) {}

  Failure Fault(ErrorCode code, std::string_view name, std::string_view reason) const;

  const JsonValue* object_;
  std::string path_;
  std::string_view file_;
};

}  // namespace reprise
