// Rows of JSON objects as values of a schema.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dataset/json_cursor.h"
#include "dataset/row_collector.h"
#include "dataset/text_rows.h"

namespace reprise {

// Appends one object a row. A member that is null or not there is absent. Fields with longer paths
// are looked for in the objects inside. An integer that is a timestamp is its microseconds. Floats
// that are not finite are the strings "NaN", "Infinity" and "-Infinity". A field that is there
// twice is an error.
class JsonRows final : public TextRowHandler {
 public:
  explicit JsonRows(RowCollector* rows);

  Status Row(std::string_view text, int64_t byte) override;
  Status Refuse(int64_t byte, std::string_view expected, std::string_view found) override;

 private:
  struct Member {
    std::string name;
    size_t field;  // or kInner
    size_t inner;  // a place in nodes_
    int64_t seen_in_row = -1;
  };
  struct Node {
    std::vector<Member> members;
  };
  static constexpr size_t kInner = SIZE_MAX;

  void Place(size_t field);
  Member* Find(Node& node, std::string_view name, size_t expected);
  // False where the row does not fit: then problem_ says why.
  bool ReadObject(JsonCursor& json, size_t node, const std::string& path);
  bool ReadMember(JsonCursor& json, Member& member, const std::string& path);
  bool FillAbsent();
  bool IsWrong(std::string column, size_t at, std::string expected, std::string found);
  bool IsNoJson(const JsonCursor& json);

  RowCollector* rows_;
  std::vector<Node> nodes_;
  RowProblem problem_;  // its byte is counted from the row's start
  std::string name_;
};

// Appends the value that comes next to a column; what was expected where it is none of the field's,
// and then the cursor stands before it. A syntax error is the cursor's.
enum class JsonAppend : uint8_t { kDone, kNull, kOther, kNoJson };
JsonAppend AppendFromJson(const Field& field, JsonCursor& json, Column& column);

// JSON as errors show it: of a long text the beginning and its length.
std::string FoundJson(std::string_view text);

// Where a cursor refused its text: no row and no column, and its byte is counted from the text's
// start.
RowProblem JsonProblem(const JsonCursor& json);

}  // namespace reprise
