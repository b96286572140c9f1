#include "base/status.h"

#include <atomic>

#include "base/json_writer.h"

namespace reprise {

const std::string* Error::Text(std::string_view name) const {
  for (const ErrorField& field : fields) {
    if (field.name == name) return std::get_if<std::string>(&field.value);
  }
  return nullptr;
}

std::string Error::ToJson() const {
  JsonWriter json;
  json.BeginObject();
  json.Key("code").String(ErrorCodeName(code));
  json.Key("message").String(message);
  json.Key("fields").BeginObject();
  for (const ErrorField& field : fields) {
    json.Key(field.name);
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      json.String(*text);
    } else if (const auto* integer = std::get_if<int64_t>(&field.value)) {
      json.Int(*integer);
    } else {
      json.Double(std::get<double>(field.value));
    }
  }
  json.EndObject();
  json.EndObject();
  return std::move(json).Take();
}

std::unexpected<Error> RefuseArgument(std::string_view argument, std::string_view expected,
                                      std::string_view found) {
  return Fail(Error(ErrorCode::kInvalidArgument, std::string(argument) + ": expected " +
                                                     std::string(expected) + ", found " +
                                                     std::string(found))
                  .With("argument", argument)
                  .With("expected", expected)
                  .With("found", found));
}

namespace {
std::atomic<TrapHandler> trap_handler = nullptr;
}  // namespace

void SetTrapHandler(TrapHandler handler) { trap_handler = handler; }

namespace internal {

void CheckFailed(const char* file, int line, const char* condition, const char* explanation) {
  if (const TrapHandler handler = trap_handler) handler(file, line, condition, explanation);
  __builtin_trap();
}

}  // namespace internal
}  // namespace reprise
