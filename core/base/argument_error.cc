#include "base/argument_error.h"

#include <string>

#include "base/fill_in.h"
#include "base/json_writer.h"

namespace reprise {

Failure ArgumentOutOfRange(std::string_view argument, std::string_view expected, double found) {
  JsonWriter json;
  json.Double(found);
  const std::string number = std::move(json).Take();
  return Fail(Error(ErrorCode::kInvalidArgument,
                    FillIn("{} must be {}, found {}", {argument, expected, number}))
                  .With("argument", argument)
                  .With("expected", expected)
                  .WithNumber("found", number));
}

}  // namespace reprise
