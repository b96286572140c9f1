// The error model of the core: Error, Result<T>, Status and the macros that pass errors on.
// Mistakes of a caller are returned as an Error; a broken invariant of our own traps
// (REPRISE_CHECK).
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error_codes.h"

namespace reprise {

// One named detail of an error, such as {"tensor", "model.norm.weight"} or {"needs_bytes", 4096}.
// Field names are snake_case here and camelCase in TypeScript.
struct ErrorField {
  std::string name;
  std::string value;  // of a number, as JSON writes it
  bool is_number = false;
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
  // A number as JSON writes it.
  Error WithNumber(std::string_view name, std::string_view json) &&;

  // The value of a text field, or nullptr where there is none of that name.
  const std::string* Text(std::string_view name) const;

  // {"code": "...", "message": "...", "fields": {...}} as UTF-8 JSON.
  std::string ToJson() const;
};

// Lets a class that owns something travel in a register.
#if defined(__clang__)
#define REPRISE_IN_REGISTER [[clang::trivial_abi]]
#else
#define REPRISE_IN_REGISTER
#endif

// An error on its way to whom it concerns. One pointer, null where there is none: nearly every
// function passes errors on, and one that holds no more than a pointer does so in little code.
class REPRISE_IN_REGISTER Failure {
 public:
  Failure() = default;
  explicit Failure(Error&& error);
  Failure(Failure&& other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
  Failure& operator=(Failure&& other) noexcept {
    std::swap(error_, other.error_);
    return *this;
  }
  ~Failure() {
    if (error_ != nullptr) [[unlikely]]
      Drop(error_);
  }

  bool is_error() const { return error_ != nullptr; }
  // Requires one.
  Error& error() const { return *error_; }

 private:
  static void Drop(Error* error);

  Error* error_ = nullptr;
};

// A value, or the error for which there is none.
template <typename T>
class Result {
 public:
  Result(Failure&& failure) : failure_(std::move(failure)), has_value_(false) {}
  Result()
    requires std::default_initializable<T>
      : value_(), has_value_(true) {}
  template <typename U = T>
    requires std::convertible_to<U&&, T>
  Result(U&& value) : value_(std::forward<U>(value)), has_value_(true) {}
  template <typename U>
    requires std::convertible_to<U&&, T>
  Result(Result<U>&& other) : has_value_(other.has_value()) {
    if (has_value_) {
      std::construct_at(&value_, *std::move(other));
    } else {
      std::construct_at(&failure_, std::move(other).failure());
    }
  }
  Result(Result&& other) noexcept : has_value_(other.has_value_) {
    if (has_value_) {
      std::construct_at(&value_, std::move(other.value_));
    } else {
      std::construct_at(&failure_, std::move(other.failure_));
    }
  }
  Result& operator=(Result&& other) noexcept {
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }
  ~Result() {
    if (has_value_) {
      std::destroy_at(&value_);
    } else {
      std::destroy_at(&failure_);
    }
  }

  bool has_value() const { return has_value_; }
  explicit operator bool() const { return has_value_; }

  // Each requires what it is named for.
  T& value() & { return value_; }
  const T& value() const& { return value_; }
  T&& value() && { return std::move(value_); }
  T& operator*() & { return value_; }
  const T& operator*() const& { return value_; }
  T&& operator*() && { return std::move(value_); }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }
  Error& error() & { return failure_.error(); }
  const Error& error() const& { return failure_.error(); }
  Error&& error() && { return std::move(failure_.error()); }
  Failure&& failure() && { return std::move(failure_); }

  template <typename U>
  T value_or(U&& other) const& {
    return has_value_ ? value_ : static_cast<T>(std::forward<U>(other));
  }

 private:
  union {
    T value_;
    Failure failure_;
  };
  bool has_value_;
};

// Success, or the error that there was instead.
template <>
class REPRISE_IN_REGISTER Result<void> {
 public:
  Result() = default;
  Result(Failure&& failure) : failure_(std::move(failure)) {}

  bool has_value() const { return !failure_.is_error(); }
  explicit operator bool() const { return has_value(); }
  Error& error() & { return failure_.error(); }
  const Error& error() const& { return failure_.error(); }
  Error&& error() && { return std::move(failure_.error()); }
  Failure&& failure() && { return std::move(failure_); }

 private:
  Failure failure_;
};
using Status = Result<void>;

inline Failure Fail(Error&& error) { return Failure(std::move(error)); }
Failure Fail(ErrorCode code, std::string message);

// invalid_argument: "NAME: expected …, found …", with the fields argument, expected and found.
Failure RefuseArgument(std::string_view argument, std::string_view expected,
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
#define REPRISE_TRY(expression)                       \
  do {                                                \
    auto reprise_try_result = (expression);           \
    if (!reprise_try_result) [[unlikely]]             \
      return std::move(reprise_try_result).failure(); \
  } while (false)

// REPRISE_ASSIGN(auto x, F()): declares or assigns x from a Result, or returns its error.
#define REPRISE_ASSIGN(target, expression) \
  REPRISE_ASSIGN_INNER(REPRISE_CONCAT(reprise_result_, __LINE__), target, expression)
#define REPRISE_ASSIGN_INNER(result, target, expression) \
  auto result = (expression);                            \
  if (!result) [[unlikely]]                              \
    return std::move(result).failure();                  \
  target = *std::move(result)
