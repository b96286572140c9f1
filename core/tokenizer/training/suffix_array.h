// The suffix array of a text and its table of longest common prefixes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reprise {

// The places of a text's suffixes in ascending order, in linear time by induced sorting (SA-IS;
// Nong, Zhang and Chan, "Two Efficient Algorithms for Linear Time Suffix Array Construction", IEEE
// Transactions on Computers 60, 2011). A suffix stands before those that it begins. Requires
// symbols below `alphabet_size` and fewer than 2^31 of them.
std::vector<int32_t> SuffixArray(std::span<const uint32_t> text, uint32_t alphabet_size);

// How many symbols the suffixes at i - 1 and i of the array share; 0 at i = 0 (Kasai et al.,
// "Linear-Time Longest-Common-Prefix Computation in Suffix Arrays", CPM 2001).
std::vector<int32_t> CommonPrefixes(std::span<const uint32_t> text,
                                    std::span<const int32_t> suffixes);

}  // namespace reprise
