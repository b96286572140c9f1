// For tests: the small tokenizers of fixtures/tokenizers/components.json.
#pragma once

#include <string>
#include <utility>

#include "base/json_reader.h"
#include "base/json_writer.h"

namespace reprise {

// Writes a value as JSON; the model "showing" stands for the one of that name in the file.
inline void WriteComponent(const JsonValue& value, const JsonValue& file, JsonWriter& out) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      out.Null();
      return;
    case JsonValue::Kind::kBool:
      out.Bool(value.boolean());
      return;
    case JsonValue::Kind::kInt:
      out.Int(value.integer());
      return;
    case JsonValue::Kind::kDouble:
      out.Double(value.number());
      return;
    case JsonValue::Kind::kString:
      out.String(value.string());
      return;
    case JsonValue::Kind::kArray:
      out.BeginArray();
      for (const JsonValue& element : value.array()) WriteComponent(element, file, out);
      out.EndArray();
      return;
    case JsonValue::Kind::kObject:
      out.BeginObject();
      for (const auto& [name, member] : value.object()) {
        out.Key(name);
        const bool is_shared = name == "model" && member.is_string();
        WriteComponent(is_shared ? *file.Find(member.string()) : member, file, out);
      }
      out.EndObject();
      return;
  }
}

// The tokenizer.json of one of the file's cases.
inline std::string ComponentTokenizer(const JsonValue& entry, const JsonValue& file) {
  JsonWriter json;
  WriteComponent(*entry.Find("tokenizer"), file, json);
  return std::move(json).Take();
}

}  // namespace reprise
