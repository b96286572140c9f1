#include "base/status.h"

#include <atomic>

#include "base/fill_in.h"
#include "base/json_writer.h"

namespace reprise {

Error::Error(ErrorCode code, std::string message) : code(code), message(std::move(message)) {}
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Error Error::With(std::string_view name, std::string_view value) && {
  fields.push_back({std::string(name), std::string(value)});
  return std::move(*this);
}

Error Error::WithNumber(std::string_view name, std::string_view json) && {
  Error error = std::move(*this).With(name, json);
  error.fields.back().is_number = true;
  return error;
}

Error Error::With(std::string_view name, int64_t value) && {
  return std::move(*this).WithNumber(name, std::to_string(value));
}

Failure::Failure(Error&& error) : error_(new Error(std::move(error))) {}

void Failure::Drop(Error* error) { delete error; }

Failure Fail(ErrorCode code, std::string message) {
  return Failure(Error(code, std::move(message)));
}

const std::string* Error::Text(std::string_view name) const {
  for (const ErrorField& field : fields) {
    if (field.name == name) return field.is_number ? nullptr : &field.value;
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
    if (field.is_number) {
      json.Raw(field.value);
    } else {
      json.String(field.value);
    }
  }
  json.EndObject();
  json.EndObject();
  return std::move(json).Take();
}

Failure RefuseArgument(std::string_view argument, std::string_view expected,
                       std::string_view found) {
  return Fail(Error(ErrorCode::kInvalidArgument,
                    FillIn("{}: expected {}, found {}", {argument, expected, found}))
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
