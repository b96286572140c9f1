// Finds texts that end a generation in text that comes in pieces, and holds back what may become
// the beginning of one.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise {

// The result depends on the whole text alone, not on where it was cut into pieces: the stop text
// that is complete first counts, and of several that end at one place the longest.
class StopTexts {
 public:
  // The texts are not empty.
  explicit StopTexts(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  // Takes more text and returns what can be shown: all of it but an end that a stop text may begin
  // with. Once a stop text was found it returns the text before it, and then nothing more.
  std::string Push(std::string_view text);
  // What was held back, when nothing more comes.
  std::string Finish();

  bool found() const { return found_; }

 private:
  std::vector<std::string> texts_;
  std::string held_;
  bool found_ = false;
};

}  // namespace reprise
