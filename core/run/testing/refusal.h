// What the tests of run configs share: which are refused, and with which words.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

#include "run/run_config.h"

namespace reprise::testing {

// A config, and what its error names.
struct Refusal {
  std::string json;
  std::string_view path, expected, found;
};

inline Error RefusalOf(std::string_view json) {
  const Result<std::string> hash = CheckRunConfig(json, "reprise.json");
  EXPECT_FALSE(hash) << json;
  return hash ? Error(ErrorCode::kInternal, "accepted") : hash.error();
}

// Each is invalid_config.
inline void ExpectRefusals(std::span<const Refusal> refusals) {
  for (const Refusal& refusal : refusals) {
    const Error error = RefusalOf(refusal.json);
    EXPECT_EQ(error.code, ErrorCode::kInvalidConfig) << refusal.json;
    EXPECT_EQ(*error.Text("file"), "reprise.json");
    EXPECT_EQ(*error.Text("path"), refusal.path) << refusal.json;
    EXPECT_EQ(*error.Text("expected"), refusal.expected) << refusal.json;
    EXPECT_EQ(*error.Text("found"), refusal.found) << refusal.json;
  }
}

}  // namespace reprise::testing
