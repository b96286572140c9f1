// What the first rows of JSON have in common: the fields that their members become.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataset/json_cursor.h"
#include "dataset/row_collector.h"
#include "dataset/schema.h"

namespace reprise {

// What the values of one member are.
struct JsonKinds {
  // The bits of `seen`.
  enum Kind : uint16_t {
    kNull = 1,
    kBool = 2,
    kInteger = 4,
    kInexactInteger = 8,  // none of IsExactFloat64
    kBeyondInt64 = 16,    // an integer
    kFloat = 32,          // or -0
    kString = 64,
    kList = 128,
    kObject = 256,
    kNonFinite = 512,  // a string by which JSON tells a float that it has not, such as "NaN"
  };
  static constexpr int kAnyInteger = kInteger | kInexactInteger | kBeyondInt64;

  int seen = 0;
  int64_t values = 0;  // of it that were there, null too
  int64_t objects = 0;
  int64_t last_object = -1;             // the last one that it was a member of
  std::unique_ptr<JsonKinds> elements;  // of lists; those that are objects or lists have no members
  std::vector<std::pair<std::string, std::unique_ptr<JsonKinds>>> members;  // as they came
  std::map<std::string, size_t, std::less<>> place_of_member;
};

// Looks at rows one by one. A bad row leaves no trace.
class JsonRowKinds {
 public:
  // Nothing where it is a row; else what is wrong with it, its byte counted from the text's start:
  // what the reader of rows refuses whatever the schema is, and a number that is no integer and
  // beyond float64.
  std::optional<RowProblem> Add(std::string_view text);
  // The fields that the rows have; see schema_inference.h.
  std::vector<Field> Fields() const;

 private:
  bool Row(std::string_view text);
  bool Value(JsonCursor& json, JsonKinds& kinds, int depth);
  bool Object(JsonCursor& json, JsonKinds& kinds, int depth);
  bool List(JsonCursor& json, JsonKinds& kinds);
  bool Number(JsonCursor& json, JsonKinds& kinds);
  bool Skip(JsonCursor& json, JsonKinds& kinds, JsonKinds::Kind kind);
  JsonKinds& Member(JsonKinds& object, std::string_view name);
  bool IsWrong(size_t at, std::string expected, std::string found);
  bool IsNoJson(const JsonCursor& json);
  void Note(JsonKinds& kinds, JsonKinds::Kind kind) { noted_.emplace_back(&kinds, kind); }

  JsonKinds root_;
  // Of the row that is looked at: what its values are, and the objects that got a member.
  std::vector<std::pair<JsonKinds*, JsonKinds::Kind>> noted_;
  std::vector<JsonKinds*> grown_;
  int64_t objects_ = 0;
  RowProblem problem_;
  bool is_in_member_ = false;  // the problem is one of a member's value
  std::string name_;
};

}  // namespace reprise
