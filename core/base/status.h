// The error model of the core: Error, Result<T>, Status and the macros that pass errors on.
// Mistakes of a caller are returned as an Error; a broken invariant of our own traps
// (REPRISE_CHECK).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error_codes.h"

namespace reprise {

// One named detail of an error, such as {"tensor", "model.norm.weight"} or {"needs_bytes", 4096}.
// Field names are snake_case here and camelCase in TypeScript.
struct ErrorField {
  std::string name;
  std::variant<std::string, int64_t, double> value;
};

// What went wrong, in a sentence that names the place and what was expected, and as fields that a
// program can read. Common fields: file, tensor, path (a JSON path like $.hidden_size), byte,
// expected, found.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::vector<ErrorField> fields;

  // None of these inline: every function that may fail would hold them several times.
  Error(ErrorCode code, std::string message);
  Error(const Error&);
  Error(Error&&) noexcept;
  Error& operator=(const Error&);
  Error& operator=(Error&&) noexcept;
  ~Error();

  // By value, so that an error may be assigned to itself with a field more.
  Error With(std::string_view name, std::string_view value) &&;
  Error With(std::string_view name, int64_t value) &&;

  // The value of a text field, or nullptr where there is none of that name.
  const std::string* Text(std::string_view name) const;

  // {"code": "...", "message": "...", "fields": {...}} as UTF-8 JSON.
  std::string ToJson() const;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> Fail(Error&& error) { return std::unexpected(std::move(error)); }
std::unexpected<Error> Fail(ErrorCode code, std::string message);

// invalid_argument: "NAME: expected …, found …", with the fields argument, expected and found.
std::unexpected<Error> RefuseArgument(std::string_view argument, std::string_view expected,
                                      std::string_view found);

// Told of a broken invariant just before the trap, so that the host can show where it was. The core
// itself writes to no output.
using TrapHandler = void (*)(const char* file, int line, const char* condition,
                             const char* explanation);
void SetTrapHandler(TrapHandler handler);

namespace internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const char* explanation);
}  // namespace internal

}  // namespace reprise

// Traps with file, line and explanation when an invariant of our own is broken.
#define REPRISE_CHECK(condition, explanation)                                          \
  do {                                                                                 \
    if (!(condition)) [[unlikely]]                                                     \
      ::reprise::internal::CheckFailed(__FILE__, __LINE__, #condition, (explanation)); \
  } while (false)

#define REPRISE_CONCAT_INNER(a, b) a##b
#define REPRISE_CONCAT(a, b) REPRISE_CONCAT_INNER(a, b)

// Returns the error of a Status or Result expression to the caller, if it has one.
#define REPRISE_TRY(expression)                                      \
  do {                                                               \
    auto reprise_try_result = (expression);                          \
    if (!reprise_try_result) [[unlikely]]                            \
      return std::unexpected(std::move(reprise_try_result).error()); \
  } while (false)

// REPRISE_ASSIGN(auto x, F()): declares or assigns x from a Result, or returns its error.
#define REPRISE_ASSIGN(target, expression) \
  REPRISE_ASSIGN_INNER(REPRISE_CONCAT(reprise_result_, __LINE__), target, expression)
#define REPRISE_ASSIGN_INNER(result, target, expression) \
  auto result = (expression);                            \
  if (!result) [[unlikely]]                              \
    return std::unexpected(std::move(result).error());   \
  target = *std::move(result)
