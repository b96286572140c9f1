// The pattern by which GPT-2 splits text into words, as a scanner.
#pragma once

#include <cstddef>
#include <string_view>

namespace reprise {

// The end of the match that starts at `start` of
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// (openai/gpt-2, encoder.py). Every position has a match, and matches follow each other without a
// gap. Requires valid UTF-8 and start < text.size(). Linear over a whole text.
size_t Gpt2MatchEnd(std::string_view text, size_t start);

}  // namespace reprise
