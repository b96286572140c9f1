#include "base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace reprise {
namespace {

Result<std::string> Name(bool is_there) {
  if (!is_there) return Fail(Error(ErrorCode::kNotFound, "no name").With("file", "a"));
  return std::string("a name that is too long to be held in place");
}
Status Check(bool is_there) {
  REPRISE_ASSIGN(const std::string name, Name(is_there));
  EXPECT_FALSE(name.empty());
  return {};
}
// Passes a value or an error on as another kind of result.
Result<std::optional<std::string>> Maybe(bool is_there) {
  REPRISE_TRY(Check(is_there));
  return Name(is_there);
}

TEST(Result, CarriesAValueOrAnError) {
  EXPECT_TRUE(Check(true).has_value());
  EXPECT_EQ(**Maybe(true), *Name(true));
  EXPECT_EQ(Name(false).value_or("none"), "none");
  for (const Error& error : {Check(false).error(), Name(false).error(), Maybe(false).error()}) {
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
    EXPECT_EQ(error.message, "no name");
    EXPECT_EQ(*error.Text("file"), "a");
  }
}

TEST(Result, IsMovedWithWhatItHolds) {
  Result<std::unique_ptr<int>> one = std::make_unique<int>(1);
  Result<std::unique_ptr<int>> other = Fail(ErrorCode::kBusy, "busy");
  std::swap(one, other);
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(**other, 1);
  ASSERT_FALSE(one.has_value());
  EXPECT_EQ(one.error().code, ErrorCode::kBusy);
  // Without its error it is none with a value.
  const Status status = std::move(one).failure();
  EXPECT_FALSE(one.has_value());
  EXPECT_EQ(status.error().message, "busy");
  one = std::move(other);
  EXPECT_EQ(**one, 1);
}

}  // namespace
}  // namespace reprise
