#include "tokenizer/regex/pattern_reader.h"

#include <string>

#include "base/fill_in.h"

namespace reprise {

void PatternReader::Unsupported(std::string_view what) {
  Fault(ErrorCode::kUnsupported, "{} is not supported, before byte {} of the pattern", what);
}

void PatternReader::Malformed(std::string_view what) {
  Fault(ErrorCode::kInvalidTokenizer, "{}, before byte {} of the pattern", what);
}

void PatternReader::Fault(ErrorCode code, std::string_view pattern, std::string_view what) {
  if (!ok()) return;
  failure_ = Fail(code, FillIn(pattern, {what, std::to_string(at_)}));
  at_ = pattern_.size();
}

}  // namespace reprise
