#include "base/argument_error.h"

#include <string>

#include "base/fill_in.h"
#include "base/json_writer.h"

namespace reprise {

Failure ArgumentOutOfRange(std::string_view argument, std::string_view expected, double found) {
  JsonWriter number;
  number.Double(found);
  Error error(ErrorCode::kInvalidArgument,
              FillIn("{} must be {}, found {}", {argument, expected, std::move(number).Take()}));
  error.fields = {
      {"argument", std::string(argument)}, {"expected", std::string(expected)}, {"found", found}};
  return Fail(std::move(error));
}

}  // namespace reprise
