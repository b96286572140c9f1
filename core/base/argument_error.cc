#include "base/argument_error.h"

#include <string>

#include "base/json_writer.h"

namespace reprise {

Failure ArgumentOutOfRange(std::string_view argument, std::string_view expected, double found) {
  JsonWriter number;
  number.Double(found);
  Error error(ErrorCode::kInvalidArgument, std::string(argument) + " must be " +
                                               std::string(expected) + ", found " +
                                               std::move(number).Take());
  error.fields = {
      {"argument", std::string(argument)}, {"expected", std::string(expected)}, {"found", found}};
  return Fail(std::move(error));
}

}  // namespace reprise
