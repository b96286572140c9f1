// Reads the fields of the components of a tokenizer.json and names file and JSON path of whatever
// is wrong with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "base/status.h"

namespace reprise {

// A file that is being read: its name, and the first thing found wrong with it.
struct JsonSource {
  std::string_view name;
  Failure failure = {};
};

// One JSON object at a path such as $.pre_tokenizer.pretokenizers[0]. It refers to the parsed tree,
// to the object that it is a field of and to the source, which must outlive it.
//
// What is wrong is kept in the source, the first of it only, and reading goes on with a default of
// the kind that was asked for: so one question after many fields tells whether all were right. What
// is read when ok() is false is to be thrown away; loops and long work ask first, so that a file is
// refused as soon as it is known to be wrong.
class JsonFields {
 public:
  // The whole of a file: invalid_tokenizer where that is no object.
  JsonFields(const JsonValue& root, JsonSource& source)
      : JsonFields(nullptr, {}, kNoIndex, &root, source) {}

  // Whether nothing is wrong so far, wherever in the file.
  bool ok() const { return !source_->failure.is_error(); }

  // Unsupported where there is a field of another name than these, which spaces separate: an option
  // that is not known could change the ids.
  void OnlyFields(std::string_view known) const;

  // The field, or nullptr where it is absent or null.
  const JsonValue* Find(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name) != nullptr; }

  // The field as the named kind; with `absent`, that where the field is absent or null. Another
  // kind is invalid_tokenizer. Texts and arrays live as long as the tree.
  bool Boolean(std::string_view name) const;
  bool Boolean(std::string_view name, bool absent) const;
  int64_t Integer(std::string_view name, int64_t low, int64_t high) const;
  std::string_view String(std::string_view name) const;
  // A string of one code point, as UTF-8; another is invalid_tokenizer, and "?" is given.
  std::string_view Character(std::string_view name) const;
  std::span<const JsonValue> Array(std::string_view name) const;
  JsonFields Object(std::string_view name) const;

  // Element i of the array field `name`, as an object with its own path.
  JsonFields Element(std::string_view name, size_t i) const;

  // What is wrong with a field: "tokenizer.json, $.model.unk_token: expected a string, found 3".
  void Expected(std::string_view name, std::string_view what) const;
  void Invalid(std::string_view name, std::string_view reason) const;
  void Unsupported(std::string_view name, std::string_view reason) const;

  // `"Foo" is not supported` for the field `type`.
  void UnknownType() const;

 private:
  static constexpr size_t kNoIndex = static_cast<size_t>(-1);

  // `value` may be null where that is known to be wrong.
  JsonFields(const JsonFields* parent, std::string_view name, size_t index, const JsonValue* value,
             JsonSource& source);

  // The field, null where it is absent only.
  const JsonValue* FindOrNull(std::string_view name) const;
  std::string Path() const;
  // Nothing may have been wrong before.
  void Fault(ErrorCode code, const std::string& path, std::string_view reason) const;

  const JsonFields* parent_;           // null for the root
  std::string_view name_;              // in the parent
  size_t index_;                       // in the array of that name, or kNoIndex
  const JsonValue* object_ = nullptr;  // null where there is none, which was told
  JsonSource* source_;
};

// What reads components of one type.
template <typename Component>
struct ComponentType {
  std::string_view name;  // as in the field `type`
  std::unique_ptr<Component> (*parse)(const JsonFields& fields);
};

// Reads the component that the field `type` names. Null where something is wrong.
template <typename Component>
std::unique_ptr<Component> ParseComponent(const JsonFields& fields,
                                          std::span<const ComponentType<Component>> types) {
  const std::string_view name = fields.String("type");
  for (const ComponentType<Component>& type : types) {
    if (type.name == name) return type.parse(fields);
  }
  fields.UnknownType();
  return nullptr;
}

}  // namespace reprise
