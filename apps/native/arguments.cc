#include "apps/native/arguments.h"

#include <algorithm>
#include <charconv>
#include <random>

#include "random/philox.h"

namespace reprise::native {
namespace {

Failure Wrong(std::string_view name, std::string_view expected, std::string_view found) {
  return Fail(Error(ErrorCode::kInvalidArgument, "--" + std::string(name) + ": expected " +
                                                     std::string(expected) + ", found \"" +
                                                     std::string(found) + "\"")
                  .With("argument", name)
                  .With("expected", expected)
                  .With("found", found));
}

template <typename T>
bool ReadNumber(std::string_view text, T* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<Arguments> Arguments::Parse(std::span<const char* const> words,
                                   std::span<const std::string_view> valued,
                                   std::span<const std::string_view> flags) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    std::string_view name = words[i];
    if (!name.starts_with("--")) {
      return Fail(Error(ErrorCode::kInvalidArgument, "unexpected \"" + std::string(name) + "\"")
                      .With("found", name));
    }
    name.remove_prefix(2);
    std::string value = "true";
    if (std::ranges::find(flags, name) == flags.end()) {
      if (std::ranges::find(valued, name) == valued.end()) {
        return Fail(Error(ErrorCode::kInvalidArgument, "unknown option --" + std::string(name))
                        .With("argument", name));
      }
      if (i + 1 == words.size()) return Wrong(name, "a value", "");
      value = words[++i];
    }
    if (!arguments.values_.emplace(name, value).second) {
      return Wrong(name, "to be given once", value);
    }
  }
  return arguments;
}

std::string_view Arguments::Text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::string> Arguments::Needed(std::string_view name) const {
  if (!Has(name)) return Wrong(name, "a value", "");
  return std::string(Text(name));
}

Result<int64_t> Arguments::Integer(std::string_view name, int64_t otherwise) const {
  if (!Has(name)) return otherwise;
  int64_t value = 0;
  if (!ReadNumber(Text(name), &value)) return Wrong(name, "an integer", Text(name));
  return value;
}

Result<int64_t> Arguments::Seed(std::optional<int64_t> otherwise) const {
  if (Has("seed")) return Integer("seed", 0);
  if (otherwise) return *otherwise;
  std::random_device entropy;
  const uint64_t high = entropy();
  return static_cast<int64_t>(high << 32 | entropy()) & kMaxSeed;
}

Result<std::vector<int32_t>> Arguments::Ids(std::string_view name) const {
  std::vector<int32_t> ids;
  std::string_view rest = Text(name);
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    int32_t id = 0;
    std::string_view word = rest.substr(0, comma);
    while (word.starts_with(' ')) word.remove_prefix(1);
    if (!ReadNumber(word, &id)) return Wrong(name, "token ids separated by commas", word);
    ids.push_back(id);
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
    if (rest.empty()) return Wrong(name, "token ids separated by commas", "");
  }
  return ids;
}

}  // namespace reprise::native
